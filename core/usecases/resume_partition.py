"""End a halt, by an operator's decision."""

from dataclasses import dataclass

from core.entities.log_position import LogPosition
from core.errors import CounterfoilError
from core.ports.command_feed import CommandFeed
from core.ports.partitions import Partitions


class CannotResumeError(CounterfoilError):
    """The partition cannot go on there; the message says why."""


@dataclass(frozen=True, slots=True)
class ResumePartition:
    """Lets a halted partition go on at an offset that its log has."""

    partitions: Partitions
    feed: CommandFeed

    async def __call__(self, partition: int, at_offset: int, reason: str) -> LogPosition:
        """The position from which posting goes on.

        Raises `CannotResumeError` if the partition is not halted or its log does not reach
        `at_offset`, `UnavailableError`.
        """
        extent = await self.feed.extent(partition)
        if not extent.start_offset <= at_offset <= extent.end_offset:
            raise CannotResumeError(
                f"partition {partition} has offsets {extent.start_offset} to "
                f"{extent.end_offset}, not {at_offset}"
            )
        position = await self.partitions.resume(partition, at_offset, reason)
        if position is None:
            raise CannotResumeError(f"partition {partition} is not halted")
        return position
