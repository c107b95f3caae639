"""The reading side of what was told, in memory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from adapters.outbound.memory.event_log import MemoryEventLog
from core.entities.outcome_event import ToldEvent
from core.errors import EventsLostError
from core.ports.event_feed import EventReader, FeedExtent


class MemoryEventFeed:
    """An `EventFeed` over a `MemoryEventLog`."""

    def __init__(self, log: MemoryEventLog) -> None:
        self._log = log

    async def extent(self) -> FeedExtent:
        """What the log holds now."""
        return FeedExtent(_topic_id(self._log), self._log.starts, self._log.ends)

    async def offsets_from(self, time: datetime) -> Sequence[int]:
        """The first offset of each partition from a time on."""
        return self._log.first_from(time)

    @asynccontextmanager
    async def reader(
        self, topic_id: str, from_offsets: Sequence[int]
    ) -> AsyncIterator[EventReader]:
        """Read every partition from its offset on."""
        yield _MemoryEventReader(self._log, topic_id, from_offsets)


def _topic_id(log: MemoryEventLog) -> str:
    return str(UUID(int=log.topic_number))


class _MemoryEventReader:
    def __init__(self, log: MemoryEventLog, topic_id: str, from_offsets: Sequence[int]) -> None:
        self._log = log
        self._topic_id = topic_id
        self._offsets = list(from_offsets)

    async def read(self, max_events: int) -> Sequence[ToldEvent]:
        self._raise_if_lost()
        await self._log.wait_beyond(self._offsets)
        self._raise_if_lost()
        found: list[ToldEvent] = []
        for partition, offset in enumerate(self._offsets):
            events = self._log.events(partition, offset, max_events - len(found))
            self._offsets[partition] += len(events)
            found += events
        return found

    def _raise_if_lost(self) -> None:
        if _topic_id(self._log) != self._topic_id:
            raise EventsLostError("the topic was deleted and created again")
        for partition, offset in enumerate(self._offsets):
            if not self._log.starts[partition] <= offset <= self._log.ends[partition]:
                raise EventsLostError(f"offset {offset} of partition {partition} is not there")
