"""Streams of outcome events: one reader for all who look on, and one for each who catches up."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import Context

from adapters.background import end
from adapters.live_events.catch_up import CatchUp
from adapters.live_events.limits import StreamLimits
from adapters.live_events.subscriber import Subscriber
from adapters.live_events.tail import Tail
from core.entities.event_filter import EventFilter
from core.entities.feed_bookmark import FeedBookmark, FeedPlaces, digest_of_topic
from core.errors import EventsUnavailableError, StreamEnd
from core.ports.event_feed import EventFeed, FeedExtent
from core.ports.live_events import EventStream
from core.refusals import EventsGoneError, TooManyStreamsError


class EventStreams:
    """`LiveEvents` of a feed, which is read only while there are streams."""

    def __init__(self, feed: EventFeed, limits: StreamLimits) -> None:
        self._feed = feed
        self._limits = limits
        self._tail: tuple[Tail, asyncio.Task[None]] | None = None
        self._open = 0
        self._subscribers: set[Subscriber] = set()
        self._catching_up = 0
        self._is_released = False

    def release(self) -> None:
        """End all streams, and refuse those that come later: the process stops."""
        self._is_released = True
        for subscriber in self._subscribers:
            subscriber.end(StreamEnd.STOPPING)

    @asynccontextmanager
    async def stream(
        self, wanted: EventFilter, after: FeedBookmark | None
    ) -> AsyncIterator[EventStream]:
        """As `LiveEvents` promises."""
        async with AsyncExitStack() as stack:
            tail = await stack.enter_async_context(self._shared_tail())
            is_near = after is None or tail.covers(after)
            topic_id = "" if after is None or is_near else await self._topic_that_keeps(after)
            subscriber = stack.enter_context(self._subscribed(tail, wanted, after))
            if not tail.join(subscriber):
                catching_up = self._catch_up(topic_id, tail, subscriber)
                await stack.enter_async_context(catching_up)
            yield subscriber

    @asynccontextmanager
    async def _shared_tail(self) -> AsyncIterator[Tail]:
        if self._is_released:
            raise EventsUnavailableError("the process stops")
        if self._open >= self._limits.max_streams:
            raise TooManyStreamsError
        self._open += 1
        try:
            tail = self._running_tail()
            await tail.ready()
            yield tail
        finally:
            self._open -= 1
            if self._open == 0:
                await self._stop_tail()

    def _running_tail(self) -> Tail:
        if self._tail is None or self._tail[0].is_over:
            tail = Tail(self._feed, self._limits)
            self._tail = (
                tail,
                asyncio.create_task(
                    tail.run(),
                    name="event-tail",
                    # It outlives the request that it begins with: its log lines are not of that.
                    context=Context(),
                ),
            )
        return self._tail[0]

    async def _stop_tail(self) -> None:
        if self._tail is not None:
            (_, task), self._tail = self._tail, None
            await end(task)

    @contextmanager
    def _subscribed(
        self, tail: Tail, wanted: EventFilter, after: FeedBookmark | None
    ) -> Iterator[Subscriber]:
        places = tail.places if after is None else FeedPlaces(*after)
        subscriber = Subscriber(wanted, places, self._limits)
        self._subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)
            tail.leave(subscriber)

    @asynccontextmanager
    async def _catch_up(
        self, topic_id: str, tail: Tail, subscriber: Subscriber
    ) -> AsyncIterator[None]:
        if self._catching_up >= self._limits.max_catch_ups:
            raise TooManyStreamsError
        catch_up = CatchUp(self._feed, topic_id, tail, subscriber, self._limits)
        self._catching_up += 1
        task = asyncio.create_task(catch_up.run(), name="event-catch-up")
        task.add_done_callback(self._caught_up)
        try:
            await catch_up.reading()
            yield
        finally:
            await end(task)

    def _caught_up(self, _: object) -> None:
        self._catching_up -= 1

    async def _topic_that_keeps(self, after: FeedBookmark) -> str:
        """The id of the feed's topic, which has all that was told after the bookmark."""
        extent = await self._feed.extent()
        if not _keeps(extent, after):
            raise EventsGoneError
        return extent.topic_id


def _keeps(extent: FeedExtent, after: FeedBookmark) -> bool:
    is_its_own = digest_of_topic(extent.topic_id) == after.topic_digest
    return (
        is_its_own
        and len(extent.end_offsets) == len(after.next_offsets)
        and all(
            start <= offset <= end
            for start, offset, end in zip(
                extent.start_offsets, after.next_offsets, extent.end_offsets, strict=True
            )
        )
    )
