"""The last events that the tail has passed: whoever missed no more than these joins at once."""

from collections import deque
from collections.abc import Iterator

from adapters.live_events.limits import StreamLimits
from core.entities.feed_bookmark import FeedBookmark, FeedPlaces
from core.entities.outcome_event import ToldEvent


class History:
    """The tail's last events, in its order, as many as the limits allow."""

    def __init__(self, begins_at: FeedPlaces, limits: StreamLimits) -> None:
        self._begins_at = begins_at
        self._limits = limits
        self._events: deque[ToldEvent] = deque()
        self._bytes = 0

    def __iter__(self) -> Iterator[ToldEvent]:
        return iter(self._events)

    def reaches_back_to(self, bookmark: FeedBookmark) -> bool:
        """Whether all that was told between the bookmark and now is in here."""
        begins = self._begins_at.bookmark
        return len(bookmark.next_offsets) == len(begins.next_offsets) and all(
            theirs >= ours
            for theirs, ours in zip(bookmark.next_offsets, begins.next_offsets, strict=True)
        )

    def append(self, told: ToldEvent) -> None:
        """Keep one more, and forget the oldest for it."""
        self._events.append(told)
        self._bytes += _size(told)
        limits = self._limits
        while len(self._events) > limits.history_events or self._bytes > limits.history_bytes:
            oldest = self._events.popleft()
            self._bytes -= _size(oldest)
            self._begins_at.move_past(oldest.place)


def _size(told: ToldEvent) -> int:
    return 0 if told.event is None else len(told.event.data)
