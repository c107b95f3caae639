"""An event feed of which a test says what is in it, and when it can be read."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from core.entities.outcome_event import EventType, FeedPlace, OutcomeEvent, ToldEvent
from core.entities.position import Position
from core.errors import EventsLostError, EventsUnavailableError
from core.ports.event_feed import EventFeed, EventReader, FeedExtent
from tests.builders import NOON


class StagedFeed:
    """`EventFeed` of what was told to it. It counts its readers."""

    def __init__(self, partition_count: int) -> None:
        self.topic_id = "topic-1"
        self.partitions: list[list[ToldEvent]] = [[] for _ in range(partition_count)]
        self.start_offsets = [0] * partition_count
        self.is_away = False
        self.open_readers = 0
        self.readers_opened = 0
        self.pauses: list[int] = []
        """How often readers let others go first, before each of their next reads."""
        self.max_run = 500
        self._told = asyncio.Event()

    def tell(
        self,
        partition: int = 0,
        users: Sequence[str] = ("alice",),
        type_: EventType = EventType.TRANSACTION_POSTED,
    ) -> OutcomeEvent:
        """Append an event, whose id says where it lies."""
        told = self.partitions[partition]
        offset = len(told)
        event_id = UUID(int=partition << 64 | offset)
        event = OutcomeEvent(
            event_id=event_id,
            type=type_,
            position=Position(partition, offset),
            time=NOON,
            users=frozenset(users),
            data=b'{"transaction_id":"%s"}' % str(event_id).encode(),
        )
        told.append(ToldEvent(FeedPlace(partition, offset), event, NOON))
        self._wake()
        return event

    def tell_what_nobody_can_read(self, partition: int = 0) -> None:
        told = self.partitions[partition]
        told.append(ToldEvent(FeedPlace(partition, len(told)), None, NOON))
        self._wake()

    def forget(self, partition: int, before: int) -> None:
        """Keep nothing from before this offset."""
        self.start_offsets[partition] = before

    def go_away(self) -> None:
        """Nothing can be read until it `comes_back`."""
        self.is_away = True
        self._wake()

    def come_back(self) -> None:
        self.is_away = False

    async def extent(self) -> FeedExtent:
        self._require_here()
        ends = [len(told) for told in self.partitions]
        return FeedExtent(self.topic_id, tuple(self.start_offsets), ends)

    async def offsets_from(self, time: datetime) -> Sequence[int]:
        self._require_here()
        return [
            next((one.place.offset for one in told if one.told_at >= time), len(told))
            for told in self.partitions
        ]

    @asynccontextmanager
    async def reader(
        self, topic_id: str, from_offsets: Sequence[int]
    ) -> AsyncIterator[EventReader]:
        self._require_here()
        self.open_readers += 1
        self.readers_opened += 1
        try:
            yield _Reader(self, topic_id, from_offsets)
        finally:
            self.open_readers -= 1

    def _require_here(self) -> None:
        if self.is_away:
            raise EventsUnavailableError("away")

    def _wake(self) -> None:
        self._told.set()
        self._told = asyncio.Event()


class _Reader:
    def __init__(self, feed: StagedFeed, topic_id: str, from_offsets: Sequence[int]) -> None:
        self._feed = feed
        self._topic_id = topic_id
        self._next_offsets = list(from_offsets)
        self._turn = 0

    async def read(self, max_events: int) -> Sequence[ToldEvent]:
        for _ in range(self._feed.pauses.pop() if self._feed.pauses else 0):
            await asyncio.sleep(0)
        while not (found := self._found(min(max_events, self._feed.max_run))):
            await self._feed._told.wait()
        return found

    def _found(self, max_events: int) -> Sequence[ToldEvent]:
        feed = self._feed
        feed._require_here()
        if feed.topic_id != self._topic_id:
            raise EventsLostError("another topic")
        found: list[ToldEvent] = []
        # No partition waits for ever behind another one.
        self._turn += 1
        count = len(feed.partitions)
        for partition in ((self._turn + number) % count for number in range(count)):
            told = feed.partitions[partition]
            if self._next_offsets[partition] < feed.start_offsets[partition]:
                raise EventsLostError("not kept")
            run = told[self._next_offsets[partition] :][: max_events - len(found)]
            self._next_offsets[partition] += len(run)
            found += run
        return found


_fit: type[EventFeed] = StagedFeed
