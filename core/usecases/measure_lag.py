"""Measure how far posting is behind accepting."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.entities.lag import PartitionLag
from core.entities.log_position import LogPosition
from core.ports.clock import Clock
from core.ports.command_feed import CommandFeed
from core.ports.partitions import Partitions


@dataclass(frozen=True, slots=True)
class MeasureLag:
    """Compares the log with the ledger, partition by partition. Disturbs no worker."""

    partitions: Partitions
    feed: CommandFeed
    clock: Clock
    partition_count: int

    async def __call__(self) -> Sequence[PartitionLag]:
        """The lag of each partition, in order, also of those that nobody ever posted from.

        Raises `LedgerUnavailableError`, `LogUnavailableError`.
        """
        states = {one.partition: one for one in await self.partitions.states()}
        return [
            await self._lag(partition, states.get(partition))
            for partition in range(self.partition_count)
        ]

    async def _lag(self, partition: int, state: LogPosition | None) -> PartitionLag:
        next_offset = 0 if state is None else state.next_offset
        end_offset = (await self.feed.extent(partition)).end_offset
        return PartitionLag(
            partition=partition,
            end_offset=end_offset,
            next_offset=next_offset,
            oldest_age_seconds=await self._age(partition, next_offset, end_offset),
            halted=None if state is None else state.halted,
        )

    async def _age(self, partition: int, next_offset: int, end_offset: int) -> float | None:
        if next_offset >= end_offset:
            return None
        record = await self.feed.record_at(partition, next_offset)
        if record is None:
            return None
        return max((self.clock.now() - record.recorded_at).total_seconds(), 0.0)
