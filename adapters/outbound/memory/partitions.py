"""The operator's hold on the partitions, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.outbound.memory.books import MemoryBooks, Resumption
from core.entities.log_position import LogPosition
from core.ports.clock import Clock


class MemoryPartitions:
    """`Partitions` over `MemoryBooks`."""

    def __init__(self, books: MemoryBooks, clock: Clock) -> None:
        self._books = books
        self._clock = clock

    async def states(self) -> Sequence[LogPosition]:
        """Every partition that was ever taken over."""
        return [self._books.positions[number] for number in sorted(self._books.positions)]

    async def resume(
        self, partition: int, at_offset: int, reason: str, told_page: int = 0
    ) -> LogPosition | None:
        """End a halt."""
        position = self._books.positions.get(partition)
        if position is None or position.halted is None:
            return None
        self._books.resumptions.append(
            Resumption(partition, position.next_offset, at_offset, reason, self._books.last_number)
        )
        self._books.given_up = max(self._books.given_up, told_page)
        resumed = replace(
            position,
            epoch=position.epoch + 1,
            next_offset=at_offset,
            published_offset=min(position.published_offset, at_offset),
            told_page=max(position.told_page, told_page),
            topic_id=None,
            last_record_hash=None,
            condemned_in_a_row=0,
            halted=None,
            updated_at=self._clock.now(),
        )
        self._books.positions[partition] = resumed
        return resumed
