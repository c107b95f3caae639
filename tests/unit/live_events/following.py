"""A client of event streams that is cut off and comes back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from adapters.live_events.limits import StreamLimits
from adapters.live_events.streams import EventStreams
from core.entities.event_filter import EventFilter
from core.entities.feed_bookmark import FeedBookmark
from core.entities.outcome_event import OutcomeEvent
from core.ports.live_events import EventStream
from tests.staged_feed import StagedFeed

EVERYTHING: Final = EventFilter()
DEADLINE_SECONDS: Final = 5.0
SMALL: Final = StreamLimits(
    max_streams=4, max_catch_ups=2, queue_events=8, history_events=3, catch_up_seconds=20
)


def streams_of(feed: StagedFeed, limits: StreamLimits = SMALL) -> EventStreams:
    return EventStreams(feed, limits)


async def take(stream: EventStream, count: int) -> list[OutcomeEvent]:
    """So many events, or more that came with the last of them."""
    taken: list[OutcomeEvent] = []
    async with asyncio.timeout(DEADLINE_SECONDS):
        while len(taken) < count:
            taken += [one.event for one in await stream.next()]
    return taken


async def settled() -> None:
    """Let everybody do what they can do now."""
    for _ in range(50):
        await asyncio.sleep(0)


class Client:
    """Remembers what it saw, and where it was."""

    def __init__(self, wanted: EventFilter = EVERYTHING) -> None:
        self.wanted = wanted
        self.seen: list[OutcomeEvent] = []
        self.bookmark: FeedBookmark | None = None

    @asynccontextmanager
    async def connected(self, streams: EventStreams) -> AsyncIterator[EventStream]:
        async with streams.stream(self.wanted, self.bookmark) as stream:
            self.bookmark = stream.bookmark
            yield stream

    async def look(self, stream: EventStream, *, cut_after: int | None = None) -> None:
        """Take what comes next; with `cut_after`, lose all of it but the first so many."""
        for one in (await stream.next())[:cut_after]:
            self.seen.append(one.event)
            self.bookmark = one.bookmark

    def saw(self, told: Sequence[OutcomeEvent]) -> bool:
        return {one.event_id for one in told} <= {one.event_id for one in self.seen}
