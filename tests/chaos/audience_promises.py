"""Whoever is told: endpoints get every event, and a follower of the stream misses none."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tests.chaos.evidence import Breach, Evidence, Harm

DELIVERED: Final = "P11 an endpoint gets every event of its types, and no other"
STREAMED: Final = "P12 whoever comes back to the stream misses nothing"


def every_endpoint_is_told(evidence: Evidence) -> Iterator[Breach]:
    """It took each event that was told, of its types."""
    for hook in evidence.history.hooks:
        for event in evidence.books.events:
            if event.status in hook.statuses and event.event_id not in hook.taken:
                sentence = f"the {hook.name} endpoint never got {event.event_id}"
                yield Breach(Harm.LOST, DELIVERED, sentence)


def endpoints_are_told_nothing_else(evidence: Evidence) -> Iterator[Breach]:
    """What it took was told, is of its types, and came in a call that can be trusted."""
    statuses = {event.event_id: event.status for event in evidence.books.events}
    for hook in evidence.history.hooks:
        for event_id in hook.taken:
            if statuses.get(event_id) not in hook.statuses:
                sentence = f"the {hook.name} endpoint got {event_id}, {statuses.get(event_id)}"
                yield Breach(Harm.WRONG, DELIVERED, sentence)
        for forged in hook.forged:
            yield Breach(Harm.WRONG, DELIVERED, f"the {hook.name} endpoint got {forged}")


def followers_miss_nothing(evidence: Evidence) -> Iterator[Breach]:
    """It was given each event as often as the topic has it: every place once."""
    places = Counter(event.event_id for event in evidence.books.events)
    for stream in evidence.history.streams:
        for event_id, count in places.items():
            if stream.seen.get(event_id, 0) < count:
                yield Breach(Harm.LOST, STREAMED, f"{stream.name} did not give {event_id}")
        for event_id, count in stream.seen.items():
            if event_id not in places:
                yield Breach(
                    Harm.WRONG, STREAMED, f"{stream.name} gave {event_id}, which is no event"
                )
            elif count > places[event_id]:
                yield Breach(Harm.DOUBLED, STREAMED, f"{stream.name} gave {event_id} {count} times")
