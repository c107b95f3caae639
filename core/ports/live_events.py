"""Outcome events as they are told, for many who look on."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from core.entities.event_filter import EventFilter
from core.entities.feed_bookmark import FeedBookmark
from core.entities.outcome_event import OutcomeEvent


class LiveEvent(NamedTuple):
    """An event, and the bookmark right after it."""

    event: OutcomeEvent
    bookmark: FeedBookmark


class EventStream(Protocol):
    """The events that somebody wants: each partition's in order, each place of the feed once."""

    @property
    def bookmark(self) -> FeedBookmark:
        """After all that `next` gave, and after all that nobody wanted since.

        Whoever comes back with it, or with that of the last event that was given, misses nothing.
        """
        ...

    async def next(self) -> Sequence[LiveEvent]:
        """What comes next, at least one; waits for as long as there is none. Cancelling loses
        nothing.

        Raises `StreamOverError`, once or again, when nothing more comes by this stream.
        """
        ...

    def close(self) -> None:
        """Have `next` raise, since nobody looks on any more."""
        ...


class LiveEvents(Protocol):
    """Gives streams of events, from now on or from a bookmark on."""

    def stream(
        self, wanted: EventFilter, after: FeedBookmark | None
    ) -> AbstractAsyncContextManager[EventStream]:
        """A stream that misses nothing told after it was entered, or after the bookmark.

        Entering raises `EventsUnavailableError`; `TooManyStreamsError`; `EventsGoneError` when
        events after the bookmark are not kept any more, or it is no place of this feed.
        """
        ...
