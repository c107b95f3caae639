"""The restore drill: PostgreSQL is put back to an older moment, and everything that was told comes
back by itself.

`DRILLS=20 pytest tests/integration/test_restore.py` drills so many times each.
"""

import asyncio
import os
import random  # noqa: TID251 (a seed gives the same commands)
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import pytest

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.digest import PostgresDigest
from bootstrap import running_processor
from core.entities.command import Command
from core.entities.finding import Finding
from infra.local.kafka import LocalKafka
from infra.local.postgres import PROCESSOR, LocalPostgres
from infra.local.postgres_cluster import SUPERUSER
from tests.audit import audit
from tests.builders import capture, deposit, hold, transfer, withdrawal
from tests.eventually import eventually
from tests.kafka_log import KafkaLog, connected, fresh_topics
from tests.postgres_databases import FreshDatabase, back_up, drop, fresh_database, put_back
from tests.site import is_all_told, site_container, site_settings
from tests.told_events import told_events

DRILLS: Final = int(os.environ.get("DRILLS", "1"))
COMMANDS: Final = 240
AT_ONCE: Final = 12
USERS: Final = [f"user-{number}" for number in range(12)]
PATIENCE_SECONDS: Final = 90.0


class Site:
    """Topics, books, and two processors."""

    def __init__(self, topics: KafkaLog, database: FreshDatabase, seed: int) -> None:
        self.topics = topics
        self.database = database
        self.dice = random.Random(seed)
        self.settings = site_settings(topics, database.dsn(PROCESSOR))
        self.given = 0
        self._holds: list[Command] = []

    @asynccontextmanager
    async def processors(self) -> AsyncIterator[None]:
        """Two of them, while the context lasts."""
        async with AsyncExitStack() as stack:
            for _ in range(2):
                await stack.enter_async_context(running_processor(site_container(self.settings)))
            yield

    async def give(self, count: int) -> None:
        """Append commands whose accounts have hardly enough: the order decides who gets it."""
        async with self.topics.command_log() as log:
            await connected(log)
            for _ in range(0, count, AT_ONCE):
                await asyncio.gather(*(log.append(self._command()) for _ in range(AT_ONCE)))
        self.given += count

    def _command(self) -> Command:
        payer, receiver = self.dice.sample(USERS, 2)
        amount = self.dice.randint(1, 60)
        kind = self.dice.random()
        if kind < 0.15:
            return deposit(payer, amount)
        if kind < 0.25:
            return withdrawal(payer, amount)
        if kind < 0.35:
            self._holds.append(hold(payer, amount, to_user_id=receiver))
            return self._holds[-1]
        if kind < 0.45 and self._holds:
            return capture(self._holds.pop(0).transaction_id)
        return transfer(payer, receiver, amount)

    async def posted(self) -> int:
        """How many transactions there are."""
        async with self.database.as_role() as connection:
            return int(await connection.fetchval("SELECT count(*) FROM ledger_transaction"))

    async def all_told(self) -> bool:
        """Whether all that was given is posted and told."""
        return await is_all_told(self.database, self.given)

    async def digest(self) -> object:
        """By which two books are the same."""
        async with Database(self.database.dsn(SUPERUSER)) as database:
            return await PostgresDigest(database)()

    async def findings(self) -> list[Finding]:
        """What is off by the checks of the books, and by a replay of the log."""
        container = site_container(self.settings)
        async with AsyncExitStack() as stack:
            for connection in container.operator_connections():
                await stack.enter_async_context(connection)
            parts = [*container.verify_books()(), container.replay_books()()]
            return [one for part in parts async for checked in part for one in checked.findings]


@pytest.fixture
async def site(
    kafka: LocalKafka, postgres: LocalPostgres, request: pytest.FixtureRequest
) -> AsyncIterator[Site]:
    async with (
        fresh_topics(kafka.bootstrap_servers) as topics,
        fresh_database(postgres) as database,
    ):
        yield Site(topics, database, request.param)


@pytest.mark.parametrize("site", range(DRILLS), indirect=True)
async def test_books_that_were_put_back_are_as_they_were(site: Site) -> None:
    async with site.processors():
        await site.give(COMMANDS)
        some = site.dice.randint(1, COMMANDS)
        await eventually(lambda: _is_at_least(site, some), PATIENCE_SECONDS)
        backup = await back_up(site.database)
        await site.give(COMMANDS)
        await eventually(site.all_told, PATIENCE_SECONDS)
    before = await site.digest()
    await put_back(site.database, backup)
    await drop(backup)
    assert await site.digest() != before

    async with site.processors():
        await eventually(site.all_told, PATIENCE_SECONDS)
        assert await site.digest() == before
        await site.give(COMMANDS // 5)
        await eventually(site.all_told, PATIENCE_SECONDS)
    await _assert_right(site)


@pytest.mark.parametrize("site", range(DRILLS), indirect=True)
async def test_what_was_told_stays_true_though_the_books_are_put_back_under_running_processors(
    site: Site,
) -> None:
    async with site.processors():
        await site.give(COMMANDS)
        await eventually(lambda: _is_at_least(site, COMMANDS // 2), PATIENCE_SECONDS)
        backup = await back_up(site.database)
        await site.give(2 * COMMANDS)
        await eventually(
            lambda: _is_at_least(site, COMMANDS + site.dice.randint(1, COMMANDS)), PATIENCE_SECONDS
        )
        await put_back(site.database, backup)
        await drop(backup)
        await eventually(site.all_told, PATIENCE_SECONDS)
    await _assert_right(site)


async def _is_at_least(site: Site, count: int) -> bool:
    return await site.posted() >= count


async def _assert_right(site: Site) -> None:
    """The books hold, come of the log, and are what everybody was told."""
    await audit(site.database.dsn(SUPERUSER))
    assert await site.findings() == []
    told = await told_events(site.topics)
    assert len(told) == site.given
    async with site.database.as_role() as connection:
        rows = await connection.fetch(
            "SELECT transaction_id::text, status, log_partition || ':' || log_offset AS position, "
            "posted_at FROM ledger_transaction"
        )
    found = {row["transaction_id"]: (row["status"], row["position"]) for row in rows}
    assert {one: (event["status"], event["position"]) for one, event in told.items()} == found
