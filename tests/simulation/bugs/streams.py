"""Live streams that miss a safeguard, and outcomes that are told with something left out."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from adapters.live_events.limits import StreamLimits
from adapters.live_events.streams import EventStreams
from adapters.live_events.subscriber import Subscriber
from adapters.live_events.tail import Tail
from core.entities.event_filter import EventFilter
from core.entities.feed_bookmark import FeedBookmark
from core.entities.page import Outcomes
from core.ports.live_events import EventStream, LiveEvent
from tests.simulation.stage.event_feed import SimulatedEventFeed
from tests.simulation.stage.events import SimulatedEvents

_HESITATION_SECONDS: Final = 0.3


class JoinsWithAGap(EventStreams):
    """Whoever comes back after too long begins where the tail is."""

    @contextmanager
    def _subscribed(
        self, tail: Tail, wanted: EventFilter, after: FeedBookmark | None
    ) -> Iterator[Subscriber]:
        is_near = after is None or tail.covers(after)
        with super()._subscribed(tail, wanted, after if is_near else None) as subscriber:
            yield subscriber


class _Wrapped:
    """An `EventStream` as another one is."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream

    @property
    def bookmark(self) -> FeedBookmark:
        """Where the other one stands."""
        return self._stream.bookmark

    async def next(self) -> Sequence[LiveEvent]:
        """What the other one gives."""
        return await self._stream.next()

    def close(self) -> None:
        """Close the other one."""
        self._stream.close()


class _OwnPartitionAlone(_Wrapped):
    def __init__(self, stream: EventStream, feed: SimulatedEventFeed) -> None:
        super().__init__(stream)
        self._log = feed.topic.log

    async def next(self) -> Sequence[LiveEvent]:
        return [one._replace(bookmark=self._forgetful(one)) for one in await super().next()]

    def _forgetful(self, one: LiveEvent) -> FeedBookmark:
        offsets, partition = list(self._log.ends), one.event.position.partition
        offsets[partition] = one.bookmark.next_offsets[partition]
        return one.bookmark._replace(next_offsets=tuple(offsets))


class ForgetsOtherPartitions(EventStreams):
    """The id of an event says where its own partition stands, and takes the others for read."""

    def __init__(self, feed: SimulatedEventFeed, limits: StreamLimits) -> None:
        super().__init__(feed, limits)
        self._simulated = feed

    @asynccontextmanager
    async def stream(
        self, wanted: EventFilter, after: FeedBookmark | None
    ) -> AsyncIterator[EventStream]:
        """A stream with such ids."""
        async with super().stream(wanted, after) as stream:
            yield _OwnPartitionAlone(stream, self._simulated)


class _Hesitant(_Wrapped):
    async def next(self) -> Sequence[LiveEvent]:
        taken = await super().next()
        await asyncio.sleep(_HESITATION_SECONDS)
        return taken


class DropsOnCancellation(EventStreams):
    """What was on its way to who had waited too long is gone."""

    @asynccontextmanager
    async def stream(
        self, wanted: EventFilter, after: FeedBookmark | None
    ) -> AsyncIterator[EventStream]:
        """A stream whose `next` must not be cancelled."""
        async with super().stream(wanted, after) as stream:
            yield _Hesitant(stream)


class LeavesOutAnEntry(SimulatedEvents):
    """Tells a transfer to whom it came from alone."""

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """Publish the first entries."""
        halved = [one._replace(entries=one.entries[:1]) for one in outcomes.transactions]
        await super().publish(partition, outcomes._replace(transactions=tuple(halved)))
