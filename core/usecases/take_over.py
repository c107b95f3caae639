"""Become the owner of a partition."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.entities.log_position import LogPosition
from core.entities.ownership import Ownership
from core.errors import HaltError
from core.log_fit import misfit
from core.ports.command_feed import CommandFeed, LogExtent
from core.ports.ledger import Ledger
from core.usecases.publish_outcomes import PublishOutcomes
from core.usecases.tell_pages import ToldPages

MAX_OFFSETS_TOLD_AT_ONCE: Final = 2_000


class TakenOver(NamedTuple):
    """The new hold on a partition, and how many records lay unposted in its log at that moment."""

    ownership: Ownership
    lag: int


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Fences earlier owners, tells what they did not get to tell, and makes sure that the log is
    still the one that the ledger posted from.
    """

    ledger: Ledger
    feed: CommandFeed
    tell_pages: Callable[[int], Awaitable[ToldPages]]
    publish: PublishOutcomes

    async def __call__(self, partition: int) -> TakenOver:
        """The new hold on `partition`.

        Raises `HaltError` when the partition is halted, now or since earlier; `FencedError` when
        another owner came in between; `UnavailableError`.
        """
        position = await self.ledger.take_over(partition)
        told_page = await self._tell_the_untold(position)
        if position.halted is not None:
            raise HaltError(position.halted)
        extent = await self.feed.extent(partition)
        reason = await self._misfit(position, extent)
        if reason is not None:
            await self.ledger.halt(partition, position.epoch, reason)
            raise HaltError(reason)
        if position.topic_id is None:
            await self.ledger.identify_log(partition, position.epoch, extent.topic_id)
        ownership = Ownership(
            partition=partition,
            topic_id=extent.topic_id,
            epoch=position.epoch,
            next_offset=position.next_offset,
            published_offset=position.next_offset,
            told_page=told_page,
            condemned_in_a_row=position.condemned_in_a_row,
            chain=await self.ledger.chain(partition),
        )
        return TakenOver(ownership, extent.end_offset - position.next_offset)

    async def _misfit(self, position: LogPosition, extent: LogExtent) -> str | None:
        last_offset = position.next_offset - 1
        if not extent.start_offset <= last_offset < extent.end_offset:
            return misfit(position, extent, None)
        last_posted = await self.feed.record_at(position.partition, last_offset)
        return misfit(position, extent, last_posted)

    async def _tell_the_untold(self, position: LogPosition) -> int:
        """The last page told. Pages go first: no outcome is told whose page is not."""
        told_page = (await self.tell_pages(position.partition)).last_number
        starts = range(position.published_offset, position.next_offset, MAX_OFFSETS_TOLD_AT_ONCE)
        for start in starts:
            end = min(start + MAX_OFFSETS_TOLD_AT_ONCE, position.next_offset)
            outcomes = await self.ledger.outcomes(position.partition, start, end)
            await self.publish(position.partition, outcomes)
            await self.ledger.mark_published(position.partition, position.epoch, end, told_page)
        return told_page
