"""Show where posting stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.entities.log_position import LogPosition
from core.ports.partitions import Partitions


@dataclass(frozen=True, slots=True)
class ListPartitions:
    """Every partition's position and, where it is halted, why."""

    partitions: Partitions

    async def __call__(self) -> Sequence[LogPosition]:
        """The positions, in order of partitions. Raises `LedgerUnavailableError`."""
        return await self.partitions.states()
