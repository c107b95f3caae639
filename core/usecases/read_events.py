"""Outcome events from a place of the feed on, for an operator."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.entities.event_filter import EventFilter
from core.entities.outcome_event import FeedPlace, ToldEvent
from core.ports.event_feed import EventFeed, FeedExtent
from core.refusals import InvalidFieldError
from core.usecases.checks import Checks


class EventsStart(NamedTuple):
    """Where to begin.

    At `place`, and then with its partition alone; or so many events of each partition before its
    end; or at the beginning.
    """

    place: FeedPlace | None = None
    before_end: int | None = None


class EventsRead(NamedTuple):
    """Some of the events. `is_all` says that all that was there at the beginning has been read."""

    events: Sequence[ToldEvent]
    is_all: bool


@dataclass(frozen=True, slots=True)
class ReadEvents:
    """Reads what was told, and then, if it is to follow, what is told."""

    checks: Checks
    feed: EventFeed

    async def __call__(
        self, start: EventsStart, user_id: str | None, *, follow: bool
    ) -> AsyncGenerator[EventsRead, None]:
        """The events of this user, or of all for None; those that nobody can read are left out.

        Raises `InvalidFieldError`, `EventsUnavailableError`, `EventsLostError`.
        """
        wanted = EventFilter(None if user_id is None else self.checks.user_id(user_id))
        extent = await self.feed.extent()
        offsets = _first_offsets(start, extent)
        missing = _missing(offsets, extent.end_offsets)
        if not missing:
            yield EventsRead((), is_all=True)
        if not missing and not follow:
            return
        async with self.feed.reader(extent.topic_id, offsets) as reader:
            while missing or follow:
                told = await reader.read(max_events=500)
                for partition, offset in (one.place for one in told):
                    if offset + 1 >= extent.end_offsets[partition]:
                        missing.discard(partition)
                yield EventsRead(
                    [one for one in told if _is_wanted(one, wanted, start)], not missing
                )


def _first_offsets(start: EventsStart, extent: FeedExtent) -> Sequence[int]:
    if start.place is None:
        return [
            first if start.before_end is None else max(first, end - start.before_end)
            for first, end in zip(extent.start_offsets, extent.end_offsets, strict=True)
        ]
    partition, offset = start.place
    if partition >= len(extent.end_offsets):
        raise InvalidFieldError("from", "must name a partition that exists")
    first, end = extent.start_offsets[partition], extent.end_offsets[partition]
    if not first <= offset <= end:
        raise InvalidFieldError("from", f"must be {partition}:{first} to {partition}:{end}")
    offsets = list(extent.end_offsets)
    offsets[partition] = offset
    return offsets


def _missing(offsets: Sequence[int], end_offsets: Sequence[int]) -> set[int]:
    return {
        partition
        for partition, (offset, end) in enumerate(zip(offsets, end_offsets, strict=True))
        if offset < end
    }


def _is_wanted(told: ToldEvent, wanted: EventFilter, start: EventsStart) -> bool:
    is_elsewhere = start.place is not None and told.place.partition != start.place.partition
    return told.event is not None and not is_elsewhere and wanted.takes(told.event)
