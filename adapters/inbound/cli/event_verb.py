"""`counterfoil events`: what was told, and what is told."""

import sys
from collections import deque
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from adapters.inbound.cli.event_views import line_of, object_of
from adapters.inbound.cli.output import Output
from core.entities.outcome_event import FeedPlace, ToldEvent
from core.entities.position import Position
from core.refusals import InvalidFieldError
from core.usecases.read_events import EventsStart, ReadEvents

BEGINNING: Final = "beginning"


@dataclass(frozen=True, slots=True)
class EventVerb:
    """Prints events, a line each: for people, or as JSON."""

    read_events: ReadEvents
    output: Output

    async def show(
        self, *, since: str | None, last: int, user_id: str | None, follow: bool
    ) -> None:
        """Print all since then (`beginning`, or partition and offset of the feed), or the last so
        many by their time; with `follow` those that come as well.

        Raises `InvalidFieldError`, `EventsUnavailableError`, `EventsLostError`.
        """
        kept: deque[ToldEvent] | None = None
        if since is None:
            kept = deque()
        async with aclosing(
            self.read_events(_start(since, last, user_id), user_id, follow=follow)
        ) as reads:
            async for read in reads:
                if kept is None:
                    self._print(read.events)
                    continue
                kept = deque(sorted([*kept, *read.events], key=_when)[-last:])
                if read.is_all:
                    self._print(kept)
                    kept = None

    def _print(self, events: Iterable[ToldEvent]) -> None:
        for told in events:
            if told.event is None:
                continue
            if self.output.as_json:
                self.output.json(object_of(told, told.event))
            else:
                sys.stdout.write(line_of(told.event) + "\n")
        sys.stdout.flush()


def _start(since: str | None, last: int, user_id: str | None) -> EventsStart:
    if since is None:
        # The last events of one user may lie anywhere.
        return EventsStart(before_end=last if user_id is None else None)
    if since == BEGINNING:
        return EventsStart()
    try:
        return EventsStart(place=FeedPlace(*Position.parse(since)))
    except ValueError as error:
        raise InvalidFieldError("from", f"{error}, or {BEGINNING}") from None


def _when(told: ToldEvent) -> tuple[float, FeedPlace]:
    return (0.0 if told.event is None else told.event.time.timestamp(), told.place)
