"""Find where a transaction was told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.entities.outcome_event import ToldEvent
from core.entities.trace import NotPublished, Published
from core.entities.transaction import Transaction
from core.errors import EventsLostError, EventsUnavailableError
from core.ports.event_feed import EventFeed

MAX_EVENTS_LOOKED_AT: Final = 200_000
CLOCKS_APART: Final = timedelta(seconds=5)
"""Pages have the time of their worker, events that of their publisher or broker."""
_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class FindPublished:
    """Looks through the events of the transaction's partition, from a time on."""

    feed: EventFeed

    async def __call__(
        self, transaction: Transaction, posted_at: datetime
    ) -> Published | NotPublished:
        """Where it was told first; `posted_at` is when its page was written."""
        since = posted_at - CLOCKS_APART
        try:
            return await self._find(transaction, since)
        except (EventsUnavailableError, EventsLostError) as error:
            return NotPublished(since, 0, is_all=False, trouble=str(error))

    async def _find(self, transaction: Transaction, since: datetime) -> Published | NotPublished:
        partition = transaction.position.partition
        extent = await self.feed.extent()
        start = (await self.feed.offsets_from(since))[partition]
        end = min(extent.end_offsets[partition], start + MAX_EVENTS_LOOKED_AT)
        # Nobody wants what the other partitions hold.
        offsets = list(extent.end_offsets)
        offset = offsets[partition] = start
        if offset < end:
            async with self.feed.reader(extent.topic_id, offsets) as reader:
                while offset < end:
                    for told in await reader.read(min(_AT_ONCE, end - offset)):
                        if _tells_of(told, transaction):
                            return Published(told.place, told.told_at)
                        if told.place.partition == partition:
                            offset = told.place.offset + 1
        is_all = end >= extent.end_offsets[partition]
        return NotPublished(since, max(offset - start, 0), is_all=is_all)


def _tells_of(told: ToldEvent, transaction: Transaction) -> bool:
    wanted = transaction.command.transaction_id
    return told.event is not None and told.event.event_id == wanted
