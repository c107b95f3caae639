"""The operator's hold on the partitions."""

from collections.abc import Sequence
from typing import Protocol

from core.entities.log_position import LogPosition


class Partitions(Protocol):
    """Shows where posting stands, and ends a halt. Raises `LedgerUnavailableError`."""

    async def states(self) -> Sequence[LogPosition]:
        """Every partition that was ever taken over, in order."""
        ...

    async def resume(
        self, partition: int, at_offset: int, reason: str, told_page: int = 0
    ) -> LogPosition | None:
        """End the halt of `partition`: it goes on at `at_offset` with whatever log is there then.

        Rows of pages up to `told_page` are told, and none of them is waited for any more; later
        pages, of any partition, have higher numbers.
        Kept with `reason` and the position left behind. None if the partition is not halted.
        """
        ...
