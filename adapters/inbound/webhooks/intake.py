"""Taking outcome events in: each becomes a delivery for every endpoint that wants it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from adapters.metrics.instruments import WebhookMetrics
from core.entities.outcome_event import ToldEvent
from core.errors import EventsLostError, UnavailableError
from core.ports.clock import Clock
from core.ports.event_feed import EventFeed, FeedExtent
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.ports.webhooks.intake import Cursors, Told, WebhookIntake

MAX_EVENTS: Final = 1_000
"""Taken in at once."""
LOOK_SECONDS: Final = 5.0
"""Between looks at how much there is to take in."""
STAND_BY_SECONDS: Final = 1.0
"""Before looking again whether another process still takes in."""
AWAY_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class EventIntake:
    """Follows the feed from where the cursors are. Of several processes one takes in at a time,
    and the others stand by.

    It is a `Dependency` of its process: it tells what is in its way. `arrived` is called whenever
    there is something to send.
    """

    feed: EventFeed
    intake: WebhookIntake
    endpoints: WebhookEndpoints
    clock: Clock
    metrics: WebhookMetrics
    arrived: Callable[[], None]
    failing: str | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """Its name in health reports."""
        return "intake"

    async def trouble(self) -> str | None:
        """What is in its way."""
        return self.failing

    async def run(self) -> None:
        """Take in until cancelled."""
        while True:
            pause_seconds = await self._try()
            await asyncio.sleep(pause_seconds)

    async def _try(self) -> float:
        """Follow the feed while that goes well; seconds until the next try."""
        try:
            await self._follow()
        except UnavailableError as error:
            self.failing = f"{error.dependency} is away: {error}"
            _log.warning("webhook_intake_waits", reason=self.failing)
        except EventsLostError as error:
            # Where to go on is decided anew, and said aloud, by what the feed holds now.
            _log.warning("webhook_intake_begins_again", reason=str(error))
        except Exception as error:  # noqa: BLE001 (a bug here must not end the intake for good)
            self.failing = f"a bug of ours: {type(error).__name__}"
            _log.exception("webhook_intake_failed")
        else:
            return STAND_BY_SECONDS
        return AWAY_SECONDS

    async def _follow(self) -> None:
        """Return when somebody else has moved the cursors."""
        # In this order: another process may take in what was told between the two, and where it
        # stands then must not lie beyond what the feed is known to hold.
        stored = await self.intake.cursors()
        extent = await self.feed.extent()
        cursors = await self._stand(stored, extent)
        offsets = [cursors.next_offsets[number] for number in range(len(extent.end_offsets))]
        async with self.feed.reader(cursors.topic_id, offsets) as reader:
            self.failing = None
            looked_at = self.clock.now()
            while True:
                self._tell_lag(cursors, extent)
                read = await reader.read(MAX_EVENTS)
                moved = await self._take_in(cursors, read)
                if moved is None:
                    _log.debug("webhook_intake_stands_by")
                    return
                cursors = moved
                if (self.clock.now() - looked_at).total_seconds() >= LOOK_SECONDS:
                    extent, looked_at = await self.feed.extent(), self.clock.now()

    async def _stand(self, stored: Cursors | None, extent: FeedExtent) -> Cursors:
        """Where to go on, decided and stored if it was not."""
        wanted = await self._first(extent) if stored is None else self._wanted(stored, extent)
        if wanted != stored:
            await self.intake.begin(stored, wanted)
        return await self.intake.cursors() or wanted

    async def _first(self, extent: FeedExtent) -> Cursors:
        """Where the very first intake begins: an endpoint that was made before it was promised all
        that was told since, and nobody remembers where the feed ended at that time.
        """
        offsets = extent.start_offsets if await self.endpoints.all() else extent.end_offsets
        return _at(extent, offsets)

    def _wanted(self, stored: Cursors, extent: FeedExtent) -> Cursors:
        held = list(zip(extent.start_offsets, extent.end_offsets, strict=True))
        known = {number: at for number, at in stored.next_offsets.items() if number < len(held)}
        is_same = stored.topic_id == extent.topic_id and len(known) == len(stored.next_offsets)
        if is_same and all(held[one][0] <= at <= held[one][1] for one, at in known.items()):
            # A partition that was added since then is new from its start.
            starts = dict(enumerate(extent.start_offsets))
            return Cursors(stored.topic_id, starts | known)
        self.metrics.events_lost.inc()
        _log.error(
            "webhook_events_lost",
            stored=str(stored),
            topic_id=extent.topic_id,
            start_offsets=list(extent.start_offsets),
            end_offsets=list(extent.end_offsets),
            help="Everything that the topic holds is taken in again; what it lost since the last "
            "intake is told by: counterfoil webhook replay ENDPOINT --from EVENT",
        )
        return _at(extent, extent.start_offsets)

    async def _take_in(self, cursors: Cursors, read: Sequence[ToldEvent]) -> Cursors | None:
        """The cursors after these; None if they were not where they are said to be."""
        after = {one.place.partition: one.place.offset + 1 for one in read}
        before = {number: cursors.next_offsets[number] for number in after}
        told = [Told(one.event.event_id, one.event.type) for one in read if one.event is not None]
        is_ours = await self.intake.take_in(
            Cursors(cursors.topic_id, before),
            Cursors(cursors.topic_id, after),
            told,
            self.clock.now(),
        )
        if not is_ours:
            return None
        self.arrived()
        return Cursors(cursors.topic_id, {**cursors.next_offsets, **after})

    def _tell_lag(self, cursors: Cursors, extent: FeedExtent) -> None:
        behind = [
            max(end - cursors.next_offsets.get(number, end), 0)
            for number, end in enumerate(extent.end_offsets)
        ]
        self.metrics.intake_lag.set(sum(behind))


def _at(extent: FeedExtent, offsets: Sequence[int]) -> Cursors:
    return Cursors(extent.topic_id, dict(enumerate(offsets)))
