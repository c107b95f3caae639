"""How long the log takes to accept, and how many commands it has in hand."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from adapters.metrics.instruments import AcceptingMetrics
from core.entities.command import Command
from core.errors import LogUnavailableError, PipelineFullError
from core.ports.command_log import Appended, CommandLog, LogOffsets


@dataclass(frozen=True, slots=True)
class ObservedCommandLog:
    """A `CommandLog` that measures what is appended."""

    log: CommandLog
    metrics: AcceptingMetrics

    async def append(self, command: Command) -> Appended:
        """Write the command."""
        with self._measured(1):
            return await self.log.append(command)

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        """Write each of them."""
        with self._measured(len(commands)):
            return await self.log.append_all(commands)

    async def end(self, partition: int) -> int:
        """The offset after the partition's last record."""
        return await self.log.end(partition)

    async def offsets_after(self, time: datetime) -> LogOffsets:
        """Where later records begin."""
        return await self.log.offsets_after(time)

    @contextmanager
    def _measured(self, count: int) -> Iterator[None]:
        """Its refusals when it is full take no time, and would hide how slow it is."""
        started = time.perf_counter()
        is_handed = True
        self.metrics.in_flight.inc(count)
        try:
            yield
        except PipelineFullError:
            is_handed = False
            raise
        finally:
            self.metrics.in_flight.dec(count)
            if is_handed:
                self.metrics.accept_seconds.observe(time.perf_counter() - started)
