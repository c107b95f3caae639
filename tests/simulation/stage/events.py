"""The topic of outcomes, and a processor's way to it."""

from collections.abc import Callable, Sequence

from core.entities.page import Outcomes
from core.entities.transaction import Transaction
from core.errors import EventsUnavailableError
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine


class Topic:
    """Everything that was ever published, partition by partition, in the order of arrival."""

    def __init__(self, partition_count: int) -> None:
        self.told: list[list[Transaction]] = [[] for _ in range(partition_count)]
        self.observers: list[Callable[[Sequence[Transaction]], None]] = []

    def tell(self, partition: int, told: Sequence[Transaction]) -> None:
        """Keep what was published."""
        self.told[partition] += told
        for observer in self.observers:
            observer(told)


class SimulatedEvents:
    """`Events` over a `Topic`."""

    def __init__(self, machine: Machine, topic: Topic) -> None:
        self._machine = machine
        self._topic = topic

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """Tell the outcomes; perhaps only the first of them."""
        machine, strikes = self._machine, self._machine.weather.strikes
        await machine.travel()
        if strikes(Fault.EVENTS_AWAY):
            raise EventsUnavailableError("no answer in time")
        told: Sequence[Transaction] = outcomes.transactions
        if strikes(Fault.EVENTS_PARTLY):
            self._topic.tell(partition, told[: machine.chance.count(0, len(told))])
            raise EventsUnavailableError("no answer in time")
        self._topic.tell(partition, told)
        machine.note(f"publishes {len(told)} of {partition}")
        await machine.travel()
        if strikes(Fault.EVENTS_UNCONFIRMED):
            raise EventsUnavailableError("no answer in time")
