"""One stream: what waits for it, and where it stands."""

import asyncio
from collections import deque
from collections.abc import Sequence

from adapters.live_events.limits import StreamLimits
from core.entities.event_filter import EventFilter
from core.entities.feed_bookmark import FeedBookmark, FeedPlaces
from core.entities.outcome_event import OutcomeEvent, ToldEvent
from core.errors import StreamEnd, StreamOverError
from core.ports.live_events import LiveEvent


class Subscriber:
    """An `EventStream` that is handed its events.

    First it passes places of its own; from `follow` on it stands where the tail stands, but for
    the partitions in which it is ahead of it.
    """

    def __init__(self, wanted: EventFilter, places: FeedPlaces, limits: StreamLimits) -> None:
        self.wanted = wanted
        self._places = places
        self._ahead: dict[int, int] = {}
        self._limits = limits
        self._waiting: deque[LiveEvent] = deque()
        self._waiting_bytes = 0
        self._given = places.bookmark
        self._end: StreamEnd | None = None
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    @property
    def bookmark(self) -> FeedBookmark:
        """As `EventStream` promises."""
        return self._given if self._waiting else self.standing

    @property
    def standing(self) -> FeedBookmark:
        """After all that it was handed, taken or not, and all that it did not want."""
        bookmark = self._places.bookmark
        if not self._ahead:
            return bookmark
        offsets = list(bookmark.next_offsets)
        self._ahead = {
            partition: offset
            for partition, offset in self._ahead.items()
            if offset > offsets[partition]
        }
        for partition, offset in self._ahead.items():
            offsets[partition] = offset
        return bookmark._replace(next_offsets=tuple(offsets))

    async def next(self) -> Sequence[LiveEvent]:
        """As `EventStream` promises: all that waits, before the end of the stream is told."""
        await self._news.wait()
        taken = tuple(self._waiting)
        if not taken:
            raise StreamOverError(self._end or StreamEnd.CLOSED)
        self._given = taken[-1].bookmark
        self._waiting.clear()
        self._waiting_bytes = 0
        self._room.set()
        if self._end is None:
            self._news.clear()
        return taken

    def close(self) -> None:
        """As `EventStream` promises."""
        self.end(StreamEnd.CLOSED)

    def end(self, reason: StreamEnd) -> None:
        """Let `next` raise after what waits. The first reason counts."""
        self._end = self._end or reason
        self._news.set()
        self._room.set()

    @property
    def is_over(self) -> bool:
        """Whether nothing is handed to it any more."""
        return self._end is not None

    async def room(self) -> None:
        """Wait until what waits is taken, if it is as much as may wait, or until the end."""
        if self._is_full():
            self._room.clear()
            await self._room.wait()

    def advance(self, told: ToldEvent) -> None:
        """Hand it the event, if it stands before it and wants it, and let it stand behind it."""
        if not self._places.is_before(told.place):
            return
        self._places.move_past(told.place)
        if told.event is not None and self.wanted.takes(told.event):
            self._hand(told.event)

    def follow(self, tail: FeedPlaces) -> None:
        """From now on it stands where the tail stands, except where it is ahead of it."""
        own, theirs = self._places.bookmark.next_offsets, tail.bookmark.next_offsets
        self._ahead = {
            partition: offset for partition, offset in enumerate(own) if offset > theirs[partition]
        }
        self._places = tail

    def offer(self, told: ToldEvent, event: OutcomeEvent) -> None:
        """Hand it what the tail has just passed, if it wants it and has not had it.

        With more waiting than may, the stream ends instead: whoever reads it is too slow.
        """
        if self.is_over or told.place.offset < self._ahead.get(told.place.partition, 0):
            return
        if not self.wanted.takes(event):
            return
        if self._is_full():
            self.end(StreamEnd.TOO_SLOW)
        else:
            self._hand(event)

    def _hand(self, event: OutcomeEvent) -> None:
        self._waiting.append(LiveEvent(event, self.standing))
        self._waiting_bytes += len(event.data)
        self._news.set()

    def _is_full(self) -> bool:
        limits = self._limits
        return (
            len(self._waiting) >= limits.queue_events or self._waiting_bytes >= limits.queue_bytes
        )
