"""Metrics around streams of events."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from adapters.metrics.instruments import StreamingMetrics
from core.entities.event_filter import EventFilter
from core.entities.feed_bookmark import FeedBookmark
from core.errors import StreamOverError
from core.ports.live_events import EventStream, LiveEvent, LiveEvents


class ObservedLiveEvents:
    """`LiveEvents` whose streams, events and ends are counted."""

    def __init__(self, live_events: LiveEvents, metrics: StreamingMetrics) -> None:
        self._live_events = live_events
        self._metrics = metrics

    @asynccontextmanager
    async def stream(
        self, wanted: EventFilter, after: FeedBookmark | None
    ) -> AsyncIterator[EventStream]:
        """As `LiveEvents` promises."""
        async with self._live_events.stream(wanted, after) as stream:
            with self._metrics.open.track_inprogress():
                yield _ObservedStream(stream, self._metrics)


class _ObservedStream:
    def __init__(self, stream: EventStream, metrics: StreamingMetrics) -> None:
        self._stream = stream
        self._metrics = metrics

    @property
    def bookmark(self) -> FeedBookmark:
        return self._stream.bookmark

    async def next(self) -> Sequence[LiveEvent]:
        try:
            events = await self._stream.next()
        except StreamOverError as over:
            self._metrics.ended.labels(over.reason).inc()
            raise
        self._metrics.events.inc(len(events))
        return events

    def close(self) -> None:
        self._stream.close()
