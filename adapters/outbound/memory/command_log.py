"""The appending side of the command log, in memory."""

from collections.abc import Sequence
from datetime import datetime

from adapters.outbound.memory.log import MemoryLog
from adapters.records import encode
from adapters.tracing import RecordHeaders
from core.entities.command import Command
from core.entities.record import Headers
from core.entities.shard import partition_of
from core.entities.transaction_id import shard_of_id
from core.errors import LogUnavailableError
from core.ports.clock import Clock
from core.ports.command_log import Appended, LogOffsets


class MemoryCommandLog:
    """A `CommandLog` and a `RecordLog` that forget with their process."""

    def __init__(
        self, log: MemoryLog, clock: Clock, further_headers: RecordHeaders | None = None
    ) -> None:
        self._log = log
        self._clock = clock
        self._further_headers = further_headers

    async def append(self, command: Command) -> Appended:
        """Write the command to the partition of its user's shard."""
        partition = partition_of(shard_of_id(command.transaction_id), self._log.partition_count)
        further = () if self._further_headers is None else self._further_headers()
        encoded = encode(command, further)
        return await self.append_record(partition, encoded.key, encoded.value, encoded.headers)

    async def append_record(
        self, partition: int, key: bytes | None, value: bytes | None, headers: Headers
    ) -> Appended:
        """Write the record as it is."""
        appended_at = _to_milliseconds(self._clock.now())
        return Appended(self._log.append(partition, key, value, headers, appended_at), appended_at)

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        """Write each of them."""
        return [await self.append(command) for command in commands]

    async def end(self, partition: int) -> int:
        """The offset after the partition's last record."""
        return self._log.extent(partition).end_offset

    async def offsets_after(self, time: datetime) -> LogOffsets:
        """Where later records begin."""
        partitions = range(self._log.partition_count)
        offsets = {one: self._log.first_after(one, time) for one in partitions}
        return LogOffsets(self._log.extent(0).topic_id, offsets)


def _to_milliseconds(time: datetime) -> datetime:
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
