"""The reading side of the topic of outcomes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from adapters.outbound.memory.event_feed import MemoryEventFeed
from core.entities.outcome_event import ToldEvent
from core.errors import EventsUnavailableError
from core.ports.event_feed import EventReader, FeedExtent
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine
from tests.simulation.stage.events import Topic

MAX_FETCHED_EVENTS: Final = 3


class SimulatedEventFeed:
    """An `EventFeed` over a `Topic`, which keeps everything."""

    def __init__(self, machine: Machine, topic: Topic) -> None:
        self.machine = machine
        self.topic = topic
        self._memory = MemoryEventFeed(topic.log)

    async def extent(self) -> FeedExtent:
        """What the topic holds now."""
        await self._ask()
        extent = await self._memory.extent()
        await self.machine.travel()
        return extent

    async def offsets_from(self, time: datetime) -> Sequence[int]:
        """The first offset of each partition from a time on."""
        await self._ask()
        offsets = await self._memory.offsets_from(time)
        await self.machine.travel()
        return offsets

    @asynccontextmanager
    async def reader(
        self, topic_id: str, from_offsets: Sequence[int]
    ) -> AsyncIterator[EventReader]:
        """Read every partition from its offset on."""
        await self._ask()
        async with self._memory.reader(topic_id, self.start_offsets(from_offsets)) as reader:
            yield RemoteEventReader(self.machine, reader)

    def start_offsets(self, from_offsets: Sequence[int]) -> Sequence[int]:
        """Where reading begins: where it is asked to."""
        return from_offsets

    async def _ask(self) -> None:
        await self.machine.travel()
        _fail_if_away(self.machine)


class RemoteEventReader:
    """An `EventReader` that needs a while for each fetch, and breaks now and then."""

    def __init__(self, machine: Machine, reader: EventReader) -> None:
        self._machine = machine
        self._reader = reader

    async def read(self, max_events: int) -> Sequence[ToldEvent]:
        """The next events, at least one."""
        await self._machine.travel()
        _fail_if_away(self._machine)
        return await self._reader.read(min(max_events, MAX_FETCHED_EVENTS))


def _fail_if_away(machine: Machine) -> None:
    if machine.weather.strikes(Fault.FEED_AWAY):
        raise EventsUnavailableError("no answer in time")
