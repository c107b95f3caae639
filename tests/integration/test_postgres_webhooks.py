"""Webhooks in PostgreSQL, where two transactions meet."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.webhooks.intake import PostgresWebhookIntake
from adapters.outbound.postgres.webhooks.queue import PostgresWebhookQueue
from adapters.outbound.postgres.webhooks.upkeep import PostgresWebhookUpkeep
from core.ports.webhooks.intake import Cursors
from infra.local.postgres import WEBHOOKS, LocalPostgres
from tests.builders import NOON
from tests.eventually import eventually
from tests.postgres_databases import FreshDatabase, fresh_database

DONE = """
    INSERT INTO webhook_delivery
        (endpoint_id, event_id, type, state, attempts, created_at, next_attempt_at, last_attempt_at)
    SELECT endpoint_id, gen_random_uuid(), 'type', 'delivered', 1, $1, $1, $1 FROM webhook_endpoint
"""
ENDPOINT = """
    INSERT INTO webhook_endpoint (endpoint_id, url, event_types, status, created_at)
    VALUES (gen_random_uuid(), 'https://example.com/', '{}', 'enabled', $1)
"""
TELL_AGAIN = "UPDATE webhook_delivery SET state = 'waiting', attempts = 0"


@pytest.fixture
async def database(postgres: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as database:
        yield database


async def test_what_is_told_again_is_not_forgotten_at_the_same_moment(
    database: FreshDatabase,
) -> None:
    async with (
        database.as_role() as replay,
        Database(database.dsn(WEBHOOKS)) as working,
    ):
        await replay.execute(ENDPOINT, NOON)
        await replay.execute(DONE, NOON)
        transaction = replay.transaction()
        await transaction.start()
        await replay.execute(TELL_AGAIN)
        prune = asyncio.create_task(
            PostgresWebhookUpkeep(working).prune(NOON + timedelta(days=30), 10)
        )
        await eventually(lambda: has_met(database, prune))
        await transaction.commit()

        assert await prune == 0
        assert await replay.fetchval("SELECT state FROM webhook_delivery") == "waiting"


async def test_what_another_process_is_claiming_is_not_claimed(database: FreshDatabase) -> None:
    later = NOON + timedelta(minutes=1)
    async with database.as_role() as other, Database(database.dsn(WEBHOOKS)) as working:
        await other.execute(ENDPOINT, NOON)
        await other.execute(DONE, NOON)
        await other.execute(TELL_AGAIN)
        endpoint_id = await other.fetchval("SELECT endpoint_id FROM webhook_endpoint")
        transaction = other.transaction()
        await transaction.start()
        await other.execute("UPDATE webhook_delivery SET next_attempt_at = $1", later)
        queue = PostgresWebhookQueue(working)
        claim = asyncio.create_task(queue.claim(endpoint_id, 10, NOON, later))
        await eventually(lambda: has_met(database, claim))
        await transaction.commit()

        assert await claim is None


async def test_of_two_intakes_at_the_same_moment_one_takes_in(database: FreshDatabase) -> None:
    before, after = Cursors("topic", {0: 0}), Cursors("topic", {0: 5})
    async with database.as_role() as other, Database(database.dsn(WEBHOOKS)) as working:
        intake = PostgresWebhookIntake(working)
        await intake.begin(None, before)
        transaction = other.transaction()
        await transaction.start()
        await other.execute("UPDATE webhook_cursor SET next_offset = 9")
        taking_in = asyncio.create_task(intake.take_in(before, after, [], NOON))
        await eventually(lambda: has_met(database, taking_in))
        await transaction.commit()

        assert not await taking_in
        assert await intake.cursors() == Cursors("topic", {0: 9})


async def has_met(database: FreshDatabase, task: "asyncio.Task[Any]") -> bool:
    """Whether it waits for the other transaction, or has gone around it."""
    return task.done() or await database.somebody_waits_for_a_lock()
