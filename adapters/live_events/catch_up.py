"""Reading what was told before a stream began, up to where the tail can take over."""

import asyncio
from typing import Final

import structlog

from adapters.live_events.limits import MAX_RUN_EVENTS, StreamLimits
from adapters.live_events.subscriber import Subscriber
from adapters.live_events.tail import Tail
from core.errors import EventsLostError, EventsUnavailableError, StreamEnd
from core.ports.event_feed import EventFeed, EventReader

_log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class CatchUp:
    """Hands a subscriber what it missed, and then over to the tail."""

    def __init__(
        self,
        feed: EventFeed,
        topic_id: str,
        tail: Tail,
        subscriber: Subscriber,
        limits: StreamLimits,
    ) -> None:
        self._feed = feed
        self._topic_id = topic_id
        self._tail = tail
        self._subscriber = subscriber
        self._limits = limits
        self._is_reading = False
        self._decided = asyncio.Event()

    async def reading(self) -> None:
        """Return once the feed is read. Raises `EventsUnavailableError`."""
        await self._decided.wait()
        if not self._is_reading:
            raise EventsUnavailableError("the events cannot be read")

    async def run(self) -> None:
        """Read until the tail takes over, or the stream ends."""
        subscriber = self._subscriber
        try:
            offsets = subscriber.standing.next_offsets
            async with self._feed.reader(self._topic_id, offsets) as reader:
                self._is_reading = True
                self._decided.set()
                await self._until_joined(reader)
        except (EventsUnavailableError, EventsLostError) as error:
            _log.warning("event_catch_up_broken_off", reason=str(error))
            subscriber.end(StreamEnd.EVENTS_AWAY)
        except Exception:  # noqa: BLE001 (whatever it is, the stream must end)
            _log.exception("event_catch_up_failed")
            subscriber.end(StreamEnd.EVENTS_AWAY)
        finally:
            self._decided.set()

    async def _until_joined(self, reader: EventReader) -> None:
        subscriber = self._subscriber
        while not subscriber.is_over and not self._tail.join(subscriber):
            for told in await reader.read(MAX_RUN_EVENTS):
                subscriber.advance(told)
            await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(self._limits.catch_up_seconds):
                await self._subscriber.room()
        except TimeoutError:
            self._subscriber.end(StreamEnd.TOO_SLOW)
