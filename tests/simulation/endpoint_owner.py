"""Whoever manages endpoints: makes them, disables one for a while, and enables it again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.outbound.memory.webhooks.endpoints import MemoryWebhookEndpoints
from core.entities.outcome_event import EventType
from core.entities.webhooks.endpoint import Change, Endpoint, EndpointStatus
from tests.builders import endpoint
from tests.simulation.machine.network import Machine
from tests.simulation.parts import CountedIds
from tests.simulation.stage.database import Database
from tests.simulation.stage.events import Topic
from tests.simulation.stage.receivers import Receiver

_STEADY: Final = "https://steady.example"
_UNSTEADY: Final = "https://unsteady.example"
_REJECTED: Final = "https://rejected.example"
_LATE: Final = "https://late.example"
_MAX_ENDPOINTS: Final = 10
_LONGEST_SECONDS: Final = 5.0
_SECRET: Final = "whsec_" + "c2VjcmV0" * 5


@dataclass(frozen=True, slots=True)
class Subscription:
    """An endpoint, who stands behind it, and where the topic ended when it was made."""

    endpoint: Endpoint
    receiver: Receiver
    since: Sequence[int]


@dataclass(slots=True)
class EndpointOwner:
    """Has a steady endpoint, an unsteady one, and one of a single type; a fourth comes later."""

    machine: Machine
    database: Database
    topic: Topic
    ids: CountedIds
    receivers: list[Receiver]
    all: list[Subscription] = field(default_factory=list, init=False)
    _endpoints: MemoryWebhookEndpoints = field(init=False)

    def __post_init__(self) -> None:
        self._endpoints = MemoryWebhookEndpoints(self.database.webhooks)
        self.receivers += [
            Receiver(self.machine, url, is_steady=url == _STEADY)
            for url in (_STEADY, _UNSTEADY, _REJECTED, _LATE)
        ]

    async def begin(self) -> None:
        """Make those that are there from the beginning."""
        await self._make(_STEADY)
        await self._make(_UNSTEADY)
        await self._make(_REJECTED, EventType.TRANSACTION_REJECTED)

    async def run(self) -> None:
        """Make one more, and have one disabled for a while, whichever."""
        chance = self.machine.chance
        await asyncio.sleep(chance.between(0, _LONGEST_SECONDS))
        await self._make(_LATE)
        chosen = chance.one_of(self.all).endpoint
        await self._switch(chosen, EndpointStatus.DISABLED)
        await asyncio.sleep(chance.between(0, _LONGEST_SECONDS))
        await self._switch(chosen, EndpointStatus.ENABLED)

    async def _make(self, url: str, *types: EventType) -> None:
        made = endpoint(
            url,
            endpoint_id=self.ids.new_transaction_id(0),
            event_types=frozenset(types),
            created_at=self.machine.now(),
        )
        receiver = next(one for one in self.receivers if one.url == url)
        self.all.append(Subscription(made, receiver, self.topic.log.ends))
        await self._endpoints.add(made, _SECRET, _MAX_ENDPOINTS)

    async def _switch(self, one: Endpoint, status: EndpointStatus) -> None:
        self.machine.note(f"{one.url} is {status}")
        await self._endpoints.change(one.endpoint_id, Change(status=status), self.machine.now())
