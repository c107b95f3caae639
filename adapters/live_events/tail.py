"""The one reader of the feed's end, for all streams of a process."""

import asyncio
from collections.abc import Iterator
from typing import Final

import structlog

from adapters.live_events.history import History
from adapters.live_events.limits import MAX_RUN_EVENTS, StreamLimits
from adapters.live_events.subscriber import Subscriber
from core.entities.feed_bookmark import FeedBookmark, FeedPlaces, digest_of_topic
from core.entities.outcome_event import OutcomeEvent, ToldEvent
from core.errors import EventsLostError, EventsUnavailableError, StreamEnd
from core.ports.event_feed import EventFeed, EventReader

_log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class Tail:
    """Reads from the end of the feed on, while `run` runs, and hands each event to whoever wants
    it.
    """

    def __init__(self, feed: EventFeed, limits: StreamLimits) -> None:
        self._feed = feed
        self._limits = limits
        self._standing: FeedPlaces | None = None
        self._history = History(FeedPlaces(b"", ()), limits)
        # By the user whom they want events of; None is for those who want everybody's.
        self._audience: dict[str | None, dict[Subscriber, None]] = {}
        self._is_over = False
        self._ready = asyncio.Event()

    async def ready(self) -> None:
        """Return when streams can join. Raises `EventsUnavailableError`."""
        await self._ready.wait()
        self._require_running()

    @property
    def is_over(self) -> bool:
        """Whether it reads no more."""
        return self._is_over

    @property
    def places(self) -> FeedPlaces:
        """Where it stands now: a copy. Raises `EventsUnavailableError`."""
        bookmark = self._require_running().bookmark
        return FeedPlaces(bookmark.topic_digest, bookmark.next_offsets)

    def covers(self, bookmark: FeedBookmark) -> bool:
        """Whether the bookmark lies in what it remembers. Raises `EventsUnavailableError`."""
        standing = self._require_running().bookmark
        return self._remembers_since(bookmark) and all(
            theirs <= ours
            for theirs, ours in zip(bookmark.next_offsets, standing.next_offsets, strict=True)
        )

    def join(self, subscriber: Subscriber) -> bool:
        """Hand the subscriber all from where it stands on, unless that is too long ago.

        Raises `EventsUnavailableError`.
        """
        standing = self._require_running()
        if not self._remembers_since(subscriber.standing):
            return False
        for told in self._history:
            subscriber.advance(told)
        subscriber.follow(standing)
        self._audience.setdefault(subscriber.wanted.user_id, {})[subscriber] = None
        return True

    def leave(self, subscriber: Subscriber) -> None:
        """Hand the subscriber nothing more; it need not have joined."""
        audience = self._audience.get(subscriber.wanted.user_id, {})
        audience.pop(subscriber, None)
        if not audience:
            self._audience.pop(subscriber.wanted.user_id, None)

    async def run(self) -> None:
        """Read until it is cancelled, or there is nothing more to be read."""
        try:
            await self._follow_feed()
        except (EventsUnavailableError, EventsLostError) as error:
            _log.warning("event_tail_broken_off", reason=str(error))
        except Exception:  # noqa: BLE001 (whatever it is, the streams end and can be had anew)
            _log.exception("event_tail_failed")
        finally:
            self._is_over = True
            self._ready.set()
            for audience in self._audience.values():
                for subscriber in audience:
                    subscriber.end(StreamEnd.EVENTS_AWAY)

    async def _follow_feed(self) -> None:
        extent = await self._feed.extent()
        digest = digest_of_topic(extent.topic_id)
        standing = FeedPlaces(digest, extent.end_offsets)
        self._history = History(FeedPlaces(digest, extent.end_offsets), self._limits)
        async with self._feed.reader(extent.topic_id, extent.end_offsets) as reader:
            self._standing = standing
            self._ready.set()
            await self._tell_all(reader, standing)

    async def _tell_all(self, reader: EventReader, standing: FeedPlaces) -> None:
        while True:
            for told in await reader.read(MAX_RUN_EVENTS):
                standing.move_past(told.place)
                self._history.append(told)
                if told.event is not None:
                    self._tell(told, told.event)
            # Whoever is handed a run may take it before the next one comes.
            await asyncio.sleep(0)

    def _tell(self, told: ToldEvent, event: OutcomeEvent) -> None:
        for subscriber in self._wanting(event):
            subscriber.offer(told, event)

    def _wanting(self, event: OutcomeEvent) -> Iterator[Subscriber]:
        yield from self._audience.get(None, ())
        for user_id in event.users:
            yield from self._audience.get(user_id, ())

    def _remembers_since(self, bookmark: FeedBookmark) -> bool:
        """Whether all that was told between the bookmark and now is remembered."""
        is_ours = bookmark.topic_digest == self._require_running().bookmark.topic_digest
        return is_ours and self._history.reaches_back_to(bookmark)

    def _require_running(self) -> FeedPlaces:
        if self._is_over or self._standing is None:
            raise EventsUnavailableError("the events cannot be read")
        return self._standing
