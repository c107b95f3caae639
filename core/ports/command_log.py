"""Where accepted commands wait, in order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from core.entities.command import Command
from core.entities.position import Position
from core.errors import LogUnavailableError


class Appended(NamedTuple):
    """Where a command lies now, and the log's own time of appending (UTC, milliseconds)."""

    position: Position
    appended_at: datetime


class LogOffsets(NamedTuple):
    """An offset for each partition, of the log that has this id."""

    topic_id: str
    offsets: Mapping[int, int]


class CommandLog(Protocol):
    """Appends commands durably. One user's commands keep the order in which they were confirmed.

    A log may have limits: appending to a full one raises `PipelineFullError` at once, and writes
    nothing, of many commands none.
    """

    async def append(self, command: Command) -> Appended:
        """Write `command` to the partition of its user's shard.

        Returns once the log would survive the loss of what its settings promise. A command may be
        written more than once; that is harmless, since posting knows its id.

        Raises `LogUnavailableError`, within about two seconds, when the log does not confirm; the
        error says whether the command may have been written all the same.
        """
        ...

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        """Append each of them, in their order; where each lies, or why that is not known.

        Side by side: all of it takes about as long as one of them.
        """
        ...

    async def end(self, partition: int) -> int:
        """The offset after the partition's last record. Raises `LogUnavailableError`."""
        ...

    async def offsets_after(self, time: datetime) -> LogOffsets:
        """For each partition the offset of the first record that was appended later than `time`,
        or the partition's end if there is none. Raises `LogUnavailableError`.
        """
        ...
