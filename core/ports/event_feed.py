"""The reading side of what was told: outcome events, from any place on."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from core.entities.outcome_event import ToldEvent


class FeedExtent(NamedTuple):
    """What the feed holds: of partition p, offsets `start_offsets[p]` to `end_offsets[p]` − 1.

    The id is another one when the topic was deleted and created again.
    """

    topic_id: str
    start_offsets: Sequence[int]
    end_offsets: Sequence[int]


class EventReader(Protocol):
    """The events of all partitions, each partition's in order, each place once."""

    async def read(self, max_events: int) -> Sequence[ToldEvent]:
        """The next events of any partitions, at least one; waits for as long as there is none.

        Offsets of a partition rise, and may leave some out. Cancelling loses nothing.

        Raises `EventsUnavailableError` when the feed is away; `EventsLostError` when events that
        were to come next are not in the feed any more.
        """
        ...


class EventFeed(Protocol):
    """Lets anyone read all events, without being a member of anything.

    Of one partition, events come in the order of their commands' positions once what was told
    before is left out: an event that comes again follows all that were told before it the first
    time.
    """

    async def extent(self) -> FeedExtent:
        """What the feed holds now. Raises `EventsUnavailableError`."""
        ...

    async def offsets_from(self, time: datetime) -> Sequence[int]:
        """For each partition the offset of the first event that was told at `time` or later; where
        there is none, its end. Raises `EventsUnavailableError`.
        """
        ...

    def reader(
        self, topic_id: str, from_offsets: Sequence[int]
    ) -> AbstractAsyncContextManager[EventReader]:
        """Read every partition p from `from_offsets[p]` on, of the topic with this id alone.

        Entering raises `EventsUnavailableError`.
        """
        ...
