"""The topic of pages, and a processor's way to it."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence

from adapters.outbound.memory.pages import MemoryPages
from core.entities.page_row import PageRow
from core.errors import EventsUnavailableError
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine


class PageTopic(MemoryPages):
    """The topic, which is observed: row by row, with the place that it is told in."""

    def __init__(self) -> None:
        super().__init__()
        self.observers: list[Callable[[int, PageRow], None]] = []

    async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Tell rows, one after the other."""
        self.append(rows)

    def append(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Have them lie there."""
        for place, told in rows.items():
            for row in told:
                self.told[place].append(row)
                for observer in self.observers:
                    observer(place, row)


class SimulatedPages:
    """`PageLog` and `PageFeed` over what all processes share."""

    def __init__(self, machine: Machine, topic: PageTopic) -> None:
        self.machine = machine
        self.topic = topic

    async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Tell rows; perhaps only the first of them, and those of some partitions alone."""
        machine, strikes = self.machine, self.machine.weather.strikes
        await machine.travel()
        if strikes(Fault.EVENTS_AWAY):
            raise EventsUnavailableError("no answer in time")
        for partition, told in rows.items():
            if strikes(Fault.EVENTS_PARTLY):
                await self.topic.tell({partition: told[: machine.chance.count(0, len(told))]})
                raise EventsUnavailableError("no answer in time")
            await self.topic.tell({partition: told})
        await machine.travel()
        if strikes(Fault.EVENTS_UNCONFIRMED):
            raise EventsUnavailableError("no answer in time")

    async def last(self, partitions: Collection[int]) -> Mapping[int, PageRow]:
        """The partitions' own rows of the highest numbers."""
        await self.machine.travel()
        if self.machine.weather.strikes(Fault.EVENTS_AWAY):
            raise EventsUnavailableError("no answer in time")
        return await self.topic.last(partitions)

    async def rows(self) -> AsyncIterator[PageRow]:
        """Every row that was told before the call."""
        await self.machine.travel()
        async for row in self.topic.rows():
            yield row
