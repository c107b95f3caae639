"""What is changed by hand in PostgreSQL is found by whoever checks, with the rights that it has."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

import bootstrap
from adapters.background import beside
from adapters.inbound.worker.integrity_report import IntegrityReport
from adapters.inbound.worker.integrity_watch import IntegrityWatch
from adapters.metrics.instruments import Metrics
from adapters.outbound.postgres.audit.books_audit import PostgresBooksAudit
from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.integrity_checks import PostgresIntegrityChecks
from core.entities.finding import Figure
from core.entities.integrity import IntegrityStatus
from core.usecases.check_integrity import CheckIntegrity
from core.usecases.read_integrity import ReadIntegrity
from entrypoints.settings import Settings
from infra.local.postgres import OWNER, LocalPostgres
from tests.builders import PARTITIONS, FixedClock, deposit, hold
from tests.contracts.books_under_test import PARTITION, books_in
from tests.eventually import eventually
from tests.postgres_databases import FreshDatabase, fresh_database

TAMPER = "UPDATE account SET balance = balance + $1 WHERE user_id = 'alice'"


@pytest.fixture
async def database(postgres: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as database:
        async with books_in(database, FixedClock()) as books:
            await books.take_over()
            await books.post(deposit(amount=100), deposit("bob", amount=50), hold(amount=5))
        yield database


async def change(database: FreshDatabase, minor_units: int) -> None:
    async with database.as_role(OWNER) as owner:
        await owner.execute(TAMPER, minor_units)


class Owned:
    """A pool that has every partition."""

    workers = dict.fromkeys(range(PARTITIONS))


async def test_a_balance_changed_by_hand_is_named_and_forgotten_once_it_is_mended(
    database: FreshDatabase,
) -> None:
    clock, pool = FixedClock(), Owned()
    typed_pool: Any = pool
    async with Database(database.dsn()) as writing, Database(database.api_dsn) as reading:
        check = CheckIntegrity(
            PostgresBooksAudit(writing), PostgresIntegrityChecks(writing), clock, PARTITIONS
        )
        read = ReadIntegrity(PostgresIntegrityChecks(reading), clock, PARTITIONS)
        report = IntegrityReport(Metrics().integrity, clock)

        async def status() -> IntegrityStatus:
            return (await read()).status

        async with beside(IntegrityWatch(typed_pool, check, report, 10**9, 0.0).run(), "watch"):
            await eventually(lambda: is_now(status, IntegrityStatus.OK))
            await change(database, 1)
            await eventually(lambda: is_now(status, IntegrityStatus.BROKEN))
            [finding] = (await read()).partitions[PARTITION].findings
            await change(database, -1)
            await eventually(lambda: is_now(status, IntegrityStatus.OK))

    assert (finding.figure, finding.due, finding.found) == (Figure.BALANCE, "100", "101")
    assert finding.account is not None
    assert finding.account.user_id == "alice"


async def is_now(status: Any, wanted: IntegrityStatus) -> bool:
    return await status() is wanted


async def test_the_verb_says_whether_the_books_are_right(
    database: FreshDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(postgres_dsn=SecretStr(database.dsn())).model_dump()

    assert await bootstrap.verify(
        bootstrap.make_container(settings), keys=(), replay=False, as_json=False
    )
    assert "4 entries" in capsys.readouterr().out
    await change(database, 1)
    assert not await bootstrap.verify(
        bootstrap.make_container(settings), keys=(), replay=False, as_json=False
    )

    said = capsys.readouterr().out
    assert "1.01" in said
    assert "alice" in said
