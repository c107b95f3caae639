"""End a halt, by an operator's decision."""

from dataclasses import dataclass

from core.entities.log_position import LogPosition
from core.errors import CounterfoilError
from core.ports.command_feed import CommandFeed
from core.ports.pages import PageFeed
from core.ports.partitions import Partitions


class CannotResumeError(CounterfoilError):
    """The partition cannot go on there; the message says why."""


@dataclass(frozen=True, slots=True)
class ResumePartition:
    """Lets a halted partition go on at an offset that its log has."""

    partitions: Partitions
    feed: CommandFeed
    pages: PageFeed

    async def __call__(self, partition: int, at_offset: int, reason: str) -> LogPosition:
        """The position from which posting goes on. Pages that were told and are not in the books
        are given up: nobody waits for them any more.

        Raises `CannotResumeError` if the partition is not halted or its log does not reach
        `at_offset`, `UnavailableError`.
        """
        states = {one.partition: one for one in await self.partitions.states()}
        if partition not in states:
            raise CannotResumeError(f"there is no partition {partition} in the ledger")
        if states[partition].halted is None:
            raise CannotResumeError(f"partition {partition} is not halted")
        if at_offset < states[partition].next_offset != states[partition].published_offset:
            raise CannotResumeError(
                "outcomes posted before the halt are not told yet; start a processor, which tells "
                "them, and try again"
            )
        extent = await self.feed.extent(partition)
        if not extent.start_offset <= at_offset <= extent.end_offset:
            raise CannotResumeError(
                f"partition {partition} has offsets {extent.start_offset} to "
                f"{extent.end_offset}, not {at_offset}"
            )
        last_told = (await self.pages.last([partition])).get(partition)
        told_page = 0 if last_told is None else last_told.number
        position = await self.partitions.resume(partition, at_offset, reason, told_page)
        if position is None:
            raise CannotResumeError(f"partition {partition} is not halted")
        return position
