"""A command log that takes no more than can be posted in good time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.backlog import Backlog
from core.entities.command import Command
from core.entities.shard import partition_of
from core.entities.transaction_id import shard_of_id
from core.errors import LogUnavailableError
from core.ports.command_log import Appended, CommandLog, LogOffsets


@dataclass(frozen=True, slots=True)
class LimitedCommandLog:
    """A `CommandLog` whose partitions are full when the backlog says so."""

    log: CommandLog
    backlog: Backlog

    async def append(self, command: Command) -> Appended:
        """Write the command, if its partition has room."""
        self._ensure_room((command,))
        return await self.log.append(command)

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        """Write each of them, if the partitions of all have room."""
        self._ensure_room(commands)
        return await self.log.append_all(commands)

    async def end(self, partition: int) -> int:
        """The offset after the partition's last record."""
        return await self.log.end(partition)

    async def offsets_after(self, time: datetime) -> LogOffsets:
        """Where later records begin."""
        return await self.log.offsets_after(time)

    def _ensure_room(self, commands: Sequence[Command]) -> None:
        if not self.backlog.full:
            return
        count = self.backlog.partition_count
        self.backlog.ensure_room(
            {partition_of(shard_of_id(one.transaction_id), count) for one in commands}
        )
