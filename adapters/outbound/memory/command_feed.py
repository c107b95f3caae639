"""The reading side of the command log, in memory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from adapters.outbound.memory.log import MemoryLog
from core.entities.record import Record
from core.errors import HaltError, LogUnavailableError
from core.ports.command_feed import LogExtent, PartitionOwner, RecordReader


class MemoryCommandFeed:
    """A `CommandFeed` over a `MemoryLog`; feeds of one log are members of one group."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    @asynccontextmanager
    async def membership(self, owner: PartitionOwner) -> AsyncIterator[None]:
        """Be a member of the log's group while the context lasts."""
        await self._rebalance([*self._log.members, owner])
        try:
            yield
        finally:
            await self._rebalance([one for one in self._log.members if one is not owner])

    def reader(
        self, partition: int, from_offset: int, topic_id: str
    ) -> AbstractAsyncContextManager[RecordReader]:
        """Read `partition` from `from_offset` on."""
        return _reading(_MemoryReader(self._log, partition, from_offset, topic_id))

    async def extent(self, partition: int) -> LogExtent:
        """What the partition holds now."""
        return self._log.extent(partition)

    async def record_at(self, partition: int, offset: int) -> Record | None:
        """The record at `offset`, if the log has it."""
        extent = self._log.extent(partition)
        if not extent.start_offset <= offset < extent.end_offset:
            return None
        return self._log.records(partition, offset, 1)[0]

    async def advise(self, partition: int, next_offset: int) -> None:
        """Nobody watches the lag of a log in memory."""

    async def _rebalance(self, members: list[PartitionOwner]) -> None:
        """Share all partitions out anew, as an eager rebalance does."""
        everything = range(self._log.partition_count)
        before, self._log.members[:] = list(self._log.members), members
        for index, member in enumerate(before):
            await member.revoked(frozenset(everything[index :: len(before)]))
        for index, member in enumerate(members):
            await member.assigned(frozenset(everything[index :: len(members)]))


@asynccontextmanager
async def _reading(reader: RecordReader) -> AsyncIterator[RecordReader]:
    yield reader


class _MemoryReader:
    def __init__(self, log: MemoryLog, partition: int, from_offset: int, topic_id: str) -> None:
        self._log = log
        self._partition = partition
        self._next_offset = from_offset
        self._topic_id = topic_id

    async def read(self, max_records: int, max_bytes: int) -> Sequence[Record]:
        await self._log.wait_beyond(self._partition, self._next_offset)
        extent = self._log.extent(self._partition)
        if extent.topic_id != self._topic_id:
            raise LogUnavailableError("the topic is another one", may_have_been_accepted=False)
        if self._next_offset < extent.start_offset:
            raise HaltError(f"offset {self._next_offset} is not in the log any more")
        records = self._log.records(self._partition, self._next_offset, max_records)
        fitting = _fitting(records, max_bytes)
        self._next_offset += len(fitting)
        return fitting


def _fitting(records: Sequence[Record], max_bytes: int) -> Sequence[Record]:
    """The longest beginning of `records` within `max_bytes`, but at least one."""
    total = 0
    for index, record in enumerate(records):
        total += record.size_bytes
        if index > 0 and total > max_bytes:
            return records[:index]
    return records
