"""Spans around the way of a command. There are none of these where tracing is off."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.tracing import Tracing
from core.entities.command import Command
from core.entities.ownership import Ownership
from core.entities.page import Outcomes
from core.entities.record import Record
from core.errors import LogUnavailableError
from core.ports.command_log import Appended, CommandLog, LogOffsets
from core.usecases.post_page import Posted


@dataclass(frozen=True, slots=True)
class TracedCommandLog:
    """A `CommandLog` with a span around each append."""

    log: CommandLog
    tracing: Tracing

    async def append(self, command: Command) -> Appended:
        """Write the command."""
        with self.tracing.appending((command,)) as span:
            appended = await self.log.append(command)
            span.appended(appended.position)
            return appended

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        """Write each of them, in one span."""
        with self.tracing.appending(commands):
            return await self.log.append_all(commands)

    async def end(self, partition: int) -> int:
        """The offset after the partition's last record."""
        return await self.log.end(partition)

    async def offsets_after(self, time: datetime) -> LogOffsets:
        """Where later records begin."""
        return await self.log.offsets_after(time)


@dataclass(frozen=True, slots=True)
class TracedPostPage:
    """A span around each page, that page's log event included."""

    post_page: Callable[[Ownership, Sequence[Record]], Awaitable[Posted]]
    tracing: Tracing

    async def __call__(self, ownership: Ownership, records: Sequence[Record]) -> Posted:
        """Post the page."""
        with self.tracing.page(ownership.partition, records):
            return await self.post_page(ownership, records)


@dataclass(frozen=True, slots=True)
class TracedPublish:
    """A span around each attempt to publish."""

    publish: Callable[[int, Outcomes], Awaitable[None]]
    tracing: Tracing

    async def __call__(self, partition: int, outcomes: Outcomes) -> None:
        """Publish."""
        with self.tracing.publishing(partition, outcomes):
            await self.publish(partition, outcomes)
