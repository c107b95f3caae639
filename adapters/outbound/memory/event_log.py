"""What was told, in memory, as the fakes of its two sides share it."""

import asyncio
from collections import deque
from datetime import datetime
from typing import Final

from core.entities.outcome_event import FeedPlace, OutcomeEvent, ToldEvent
from core.ports.clock import Clock

MAX_KEPT: Final = 10_000
"""Events of a partition; older ones are forgotten, as retention does."""


class MemoryEventLog:
    """Partitions of events. What befalls a real topic can be done to it, too."""

    def __init__(self, partition_count: int, clock: Clock) -> None:
        self.partition_count = partition_count
        self._clock = clock
        self.topic_number = 1
        self._events: list[deque[ToldEvent]] = [deque() for _ in range(partition_count)]
        self._ends = [0] * partition_count
        self._appended = asyncio.Event()

    def append(self, partition: int, event: OutcomeEvent | None) -> None:
        """Keep an event, or something that is none."""
        place = FeedPlace(partition, self._ends[partition])
        self._events[partition].append(ToldEvent(place, event, self._clock.now()))
        self._ends[partition] += 1
        if len(self._events[partition]) > MAX_KEPT:
            self._events[partition].popleft()
        self._appended.set()

    @property
    def starts(self) -> tuple[int, ...]:
        """The first offset of each partition that is still kept."""
        return tuple(
            end - len(events) for end, events in zip(self._ends, self._events, strict=True)
        )

    @property
    def ends(self) -> tuple[int, ...]:
        """The next offset of each partition."""
        return tuple(self._ends)

    def first_from(self, time: datetime) -> list[int]:
        """The offset of each partition's first event of `time` or later, or its end."""
        return [
            next((one.place.offset for one in events if one.told_at >= time), end)
            for end, events in zip(self._ends, self._events, strict=True)
        ]

    def events(self, partition: int, from_offset: int, limit: int) -> list[ToldEvent]:
        """At most `limit` of them from `from_offset` on."""
        events = self._events[partition]
        index = from_offset - (self._ends[partition] - len(events))
        return [events[number] for number in range(index, min(index + limit, len(events)))]

    async def wait_beyond(self, offsets: list[int]) -> None:
        """Return once some partition holds an event at its one of `offsets` or later."""
        while all(end <= offset for end, offset in zip(self._ends, offsets, strict=True)):
            self._appended.clear()
            await self._appended.wait()

    def delete_before(self, partition: int, offset: int) -> None:
        """Do as retention does."""
        events = self._events[partition]
        while events and events[0].place.offset < offset:
            events.popleft()

    def recreate(self) -> None:
        """Do as the deletion of the topic and its creation under the same name do."""
        self.topic_number += 1
        self._ends = [0] * self.partition_count
        for events in self._events:
            events.clear()
