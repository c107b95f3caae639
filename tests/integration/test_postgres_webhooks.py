"""Webhooks in PostgreSQL, where two transactions meet."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.webhooks.upkeep import PostgresWebhookUpkeep
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


async def has_met(database: FreshDatabase, prune: "asyncio.Task[int]") -> bool:
    """Whether it waits for the other transaction, or has gone around it."""
    return prune.done() or await database.somebody_waits_for_a_lock()
