"""Everything that is kept of webhooks, empty, over each adapter of its ports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from adapters.outbound.memory.webhooks.endpoints import MemoryWebhookEndpoints, MemoryWebhookLog
from adapters.outbound.memory.webhooks.intake import (
    MemoryWebhookIntake,
    MemoryWebhookReplays,
    MemoryWebhookUpkeep,
)
from adapters.outbound.memory.webhooks.queue import MemoryWebhookQueue
from adapters.outbound.memory.webhooks.store import MemoryWebhookStore
from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.webhooks.endpoints import PostgresWebhookEndpoints
from adapters.outbound.postgres.webhooks.intake import PostgresWebhookIntake
from adapters.outbound.postgres.webhooks.log import PostgresWebhookLog
from adapters.outbound.postgres.webhooks.queue import PostgresWebhookQueue
from adapters.outbound.postgres.webhooks.replays import PostgresWebhookReplays
from adapters.outbound.postgres.webhooks.upkeep import PostgresWebhookUpkeep
from core.entities.outcome_event import EventType
from core.entities.webhooks.delivery import Attempt, Claim, Delivery, Made
from core.entities.webhooks.endpoint import Endpoint
from core.entities.webhooks.schedule import Settled, settled
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.ports.webhooks.intake import Cursors, Told, WebhookIntake
from core.ports.webhooks.log import WebhookLog
from core.ports.webhooks.queue import WebhookQueue
from core.ports.webhooks.replays import WebhookReplays
from core.ports.webhooks.upkeep import WebhookUpkeep
from infra.local.postgres import API, WEBHOOKS, LocalPostgres
from tests.builders import NOON, endpoint, unkeyed_id
from tests.postgres_databases import fresh_database

SECRET = "whsec_" + "c2VjcmV0" * 5
CLAIM = timedelta(minutes=1)
START = Cursors("topic", {0: 0})


def told(event_type: str = EventType.TRANSACTION_POSTED) -> Told:
    """An event that nobody was told of."""
    return Told(unkeyed_id("alice"), event_type)


def answered(status: int, at: datetime = NOON, retry_after_seconds: int | None = None) -> Attempt:
    """A call that was answered."""
    return Attempt(at, 0.1, status, None, b"thanks", retry_after_seconds)


def no_chance() -> float:
    """Waits are no longer than they must be."""
    return 0.0


@dataclass
class Webhooks:
    """The ports over one store."""

    endpoints: WebhookEndpoints
    log: WebhookLog
    queue: WebhookQueue
    intake: WebhookIntake
    replays: WebhookReplays
    upkeep: WebhookUpkeep
    next_offset: int = 0

    async def added(self, **others: Any) -> Endpoint:
        """A new endpoint."""
        new = endpoint(**others)
        assert await self.endpoints.add(new, SECRET, 100)
        return new

    async def tell(self, *events: Told, now: datetime = NOON) -> None:
        """Take these in, as the next ones of partition 0."""
        if self.next_offset == 0:
            await self.intake.begin(None, START)
        before = Cursors("topic", {0: self.next_offset})
        self.next_offset += len(events)
        after = Cursors("topic", {0: self.next_offset})
        assert await self.intake.take_in(before, after, events, now)

    async def claim(self, one: Endpoint, most: int = 10, now: datetime = NOON) -> Claim | None:
        """What is due."""
        return await self.queue.claim(one.endpoint_id, most, now, now + CLAIM)

    async def claimed(self, one: Endpoint, most: int = 10, now: datetime = NOON) -> list[Delivery]:
        """The deliveries that are due."""
        claim = await self.claim(one, most, now)
        return [] if claim is None else list(claim.deliveries)

    async def record(
        self,
        deliveries: list[Delivery],
        attempt: Attempt,
        unsent: list[Delivery] | None = None,
        now: datetime = NOON,
    ) -> Settled | None:
        """Write down that each of these was answered so, by the address that the endpoint has."""
        made = [Made(one, attempt) for one in deliveries]
        return await self.queue.record(
            deliveries[0].endpoint_id,
            made,
            unsent or [],
            lambda current: settled(current, current.url, made, now, no_chance),
        )

    async def found(self, one: Delivery) -> Delivery:
        """The delivery as it is now."""
        return (await self.of(one.endpoint_id, one.event_id))[0]

    async def attempts(self, one: Delivery) -> list[Attempt]:
        """Its attempts."""
        return (await self.of(one.endpoint_id, one.event_id))[1]

    async def of(self, endpoint_id: UUID, event_id: UUID) -> tuple[Delivery, list[Attempt]]:
        """What is told of an event."""
        known = await self.log.delivery(endpoint_id, event_id)
        assert known is not None
        return known[0], list(known[1])


@asynccontextmanager
async def open_webhooks(adapter: str, server: LocalPostgres) -> AsyncIterator[Webhooks]:
    """Nothing is kept yet: managed by the API's role, worked on by that of the webhooks."""
    if adapter == "memory":
        store = MemoryWebhookStore()
        yield Webhooks(
            MemoryWebhookEndpoints(store),
            MemoryWebhookLog(store),
            MemoryWebhookQueue(store),
            MemoryWebhookIntake(store),
            MemoryWebhookReplays(store),
            MemoryWebhookUpkeep(store),
        )
        return
    async with (
        fresh_database(server) as database,
        Database(database.dsn(API)) as managing,
        Database(database.dsn(WEBHOOKS)) as working,
    ):
        yield Webhooks(
            PostgresWebhookEndpoints(managing),
            PostgresWebhookLog(managing),
            PostgresWebhookQueue(working),
            PostgresWebhookIntake(working),
            _BothRoles(PostgresWebhookReplays(managing), PostgresWebhookReplays(working)),
            PostgresWebhookUpkeep(working),
        )


class _BothRoles:
    """Replays, asked for by the one role and worked off by the other one."""

    def __init__(self, asking: WebhookReplays, working: WebhookReplays) -> None:
        self.ask = asking.ask
        self.next = working.next
        self.advance = working.advance
