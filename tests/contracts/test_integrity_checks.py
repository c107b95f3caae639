"""What every `IntegrityChecks` promises."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import pytest

from adapters.outbound.memory.integrity_checks import MemoryIntegrityChecks
from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.integrity_checks import PostgresIntegrityChecks
from core.entities.account import settlement_account
from core.entities.audit import Counts
from core.entities.finding import Figure, Finding
from core.entities.integrity import IntegrityCheck
from core.ports.integrity_checks import IntegrityChecks
from infra.local.postgres import LocalPostgres
from tests.builders import NOON, unkeyed_id
from tests.contracts.books_under_test import ADAPTERS
from tests.postgres_databases import fresh_database

BEGUN: Final = IntegrityCheck(3, NOON, None, NOON, findings=[])
WIDE: Final = str(-(10**30))
WHOLE: Final = IntegrityCheck(
    partition=3,
    begun_at=NOON,
    finished_at=NOON + timedelta(minutes=1),
    checked_at=NOON + timedelta(minutes=2),
    counts=Counts(accounts=2, entries=10**12, holds=3),
    findings=[
        Finding(Figure.BALANCE, WIDE, "0", settlement_account(3, "USD"), page_number=7),
        Finding(Figure.ENTRY, "5", None, None, 4, unkeyed_id("alice"), 9),
        Finding(Figure.PAGE, "12", None),
    ],
)


@pytest.fixture(params=ADAPTERS)
async def checks(
    request: pytest.FixtureRequest, postgres: LocalPostgres
) -> AsyncIterator[IntegrityChecks]:
    if request.param == "memory":
        yield MemoryIntegrityChecks()
        return
    async with (
        fresh_database(postgres) as database,
        Database(database.dsn()) as connected,
    ):
        yield PostgresIntegrityChecks(connected)


async def test_what_was_kept_last_is_what_is_known(checks: IntegrityChecks) -> None:
    assert await checks.of(3) is None
    assert await checks.all() == []

    await checks.keep(BEGUN)
    assert await checks.of(3) == BEGUN
    await checks.keep(WHOLE)

    assert await checks.of(3) == WHOLE


async def test_all_come_in_the_order_of_partitions(checks: IntegrityChecks) -> None:
    for partition in (9, 0, 3):
        await checks.keep(WHOLE._replace(partition=partition))

    assert [one.partition for one in await checks.all()] == [0, 3, 9]
    assert (await checks.all())[1] == WHOLE
