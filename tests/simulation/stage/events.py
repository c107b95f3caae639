"""The topic of outcomes, and a processor's way to it."""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outbound.system.currencies import IsoCurrencies
from adapters.outcome_events import event_of
from adapters.representations import Representations
from core.entities.outcome_event import OutcomeEvent
from core.entities.page import Outcomes
from core.entities.transaction import Transaction
from core.errors import EventsUnavailableError
from core.ports.clock import Clock
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine

REPRESENTATIONS: Final = Representations(IsoCurrencies())


class Topic:
    """Everything that was ever published, partition by partition, in the order of arrival.

    `log` has the events as they are read from there, `events` each of them once.
    """

    def __init__(self, partition_count: int, clock: Clock) -> None:
        self.told: list[list[Transaction]] = [[] for _ in range(partition_count)]
        self.log = MemoryEventLog(partition_count, clock)
        self.events: dict[UUID, OutcomeEvent] = {}
        self.observers: list[Callable[[Sequence[Transaction]], None]] = []

    def tell(self, partition: int, told: Sequence[Transaction]) -> None:
        """Keep what was published."""
        self.told[partition] += told
        for one in told:
            event = event_of(one, REPRESENTATIONS)
            self.events.setdefault(event.event_id, event)
            self.log.append(partition, event)
        for observer in self.observers:
            observer(told)

    def told_since(self, offsets: Sequence[int]) -> list[list[OutcomeEvent]]:
        """Each partition's events from its offset on; those told again are there again."""
        return [
            [
                told.event
                for told in self.log.events(partition, offset, len(self.told[partition]))
                if told.event is not None
            ]
            for partition, offset in enumerate(offsets)
        ]


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
