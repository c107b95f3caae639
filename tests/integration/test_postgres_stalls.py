"""A worker that holds its locks and does nothing does not hold up its successor."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.outbound.postgres.blockers import Blockers
from adapters.outbound.postgres.database import Database, DatabaseLimits
from adapters.outbound.postgres.ledger import PostgresLedger
from core.entities.shard import shard_of
from core.errors import LedgerUnavailableError
from infra.local.postgres import OWNER, PROCESSOR, LocalPostgres
from tests.builders import FixedClock, deposit
from tests.contracts.books_under_test import PARTITION, Books, books_in
from tests.eventually import eventually
from tests.postgres_databases import FreshDatabase, fresh_database

STALLING_WORKER = Path(__file__).with_name("stalling_worker.py")
PATIENCE_SECONDS = 0.2


@pytest.fixture
async def database(postgres: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as database:
        yield database


@pytest.fixture
async def books(database: FreshDatabase) -> AsyncIterator[Books]:
    async with books_in(database, FixedClock(), PATIENCE_SECONDS) as books:
        await books.take_over()
        await books.post(deposit())
        yield books


@asynccontextmanager
async def a_worker_stalled_in_a_copy(database: FreshDatabase) -> AsyncIterator[None]:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, str(STALLING_WORKER), database.dsn(), str(PARTITION)
    )
    try:
        await eventually(lambda: is_stopped(worker.pid))
        assert await database.has_session("query LIKE 'COPY%' AND state = 'active'")
        yield
    finally:
        worker.send_signal(signal.SIGKILL)
        await worker.wait()


def is_stopped(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    return state == "T"


async def entries_of_the_stalled(database: FreshDatabase) -> int:
    async with database.as_role() as connection:
        count = await connection.fetchval("SELECT count(*) FROM entry WHERE user_id = 'stalled'")
    assert isinstance(count, int)
    return count


async def test_a_worker_stopped_in_the_middle_of_a_copy_is_terminated_by_its_successor(
    books: Books, database: FreshDatabase
) -> None:
    async with a_worker_stalled_in_a_copy(database):
        with capture_logs() as logs:
            await books.take_over()
            await eventually(lambda: bool(logs))
        assert books.next_offset == 1
        await books.post(deposit())

    assert [one["event"] for one in logs] == ["stalled_session_terminated"]
    assert logs[0]["role"] == PROCESSOR
    assert await entries_of_the_stalled(database) == 0


async def test_a_page_gets_past_a_stalled_session_as_well(
    books: Books, database: FreshDatabase
) -> None:
    async with a_worker_stalled_in_a_copy(database):
        await books.post(deposit())

    assert (await books.ledger.position(PARTITION)).next_offset == 2


async def test_the_position_gets_past_a_stalled_session_as_well(
    books: Books, database: FreshDatabase
) -> None:
    async with a_worker_stalled_in_a_copy(database):
        assert (await books.ledger.position(PARTITION)).next_offset == 1


async def test_a_resumption_gets_past_a_stalled_session_as_well(
    books: Books, database: FreshDatabase
) -> None:
    await books.ledger.halt(PARTITION, books.epoch, "the log has a gap")
    async with a_worker_stalled_in_a_copy(database):
        assert await books.partitions.resume(PARTITION, 1, "go on") is not None


async def test_even_a_pool_whose_every_connection_waits_gets_past_a_stalled_session(
    database: FreshDatabase,
) -> None:
    limits = DatabaseLimits(pool_size=1)
    async with Database(database.dsn(), limits=limits) as connections:
        blockers = Blockers(connections, PATIENCE_SECONDS)
        ledger = PostgresLedger(connections, FixedClock(), blockers)
        await ledger.take_over(PARTITION)
        async with a_worker_stalled_in_a_copy(database):
            await ledger.take_over(PARTITION)


async def test_whoever_waits_in_the_same_queue_is_left_alone(
    books: Books, database: FreshDatabase
) -> None:
    async with (
        a_worker_stalled_in_a_copy(database),
        books_in(database, FixedClock(), patience_seconds=600) as patient,
    ):
        first = asyncio.create_task(patient.ledger.position(PARTITION))
        await eventually(database.somebody_waits_for_a_lock)
        second = await books.ledger.position(PARTITION)

        assert await first == second


async def test_a_session_of_another_role_is_left_alone_and_named(
    database: FreshDatabase,
) -> None:
    limits = DatabaseLimits(command_timeout_seconds=2)
    async with (
        Database(database.dsn(), limits=limits) as connections,
        database.as_role(OWNER) as owner,
    ):
        blockers = Blockers(connections, PATIENCE_SECONDS)
        ledger = PostgresLedger(connections, FixedClock(), blockers)
        await ledger.take_over(PARTITION)
        transaction = owner.transaction()
        await transaction.start()
        await owner.execute("SELECT 1 FROM log_position FOR UPDATE")
        with capture_logs() as logs, pytest.raises(LedgerUnavailableError):
            await ledger.take_over(PARTITION)
        await transaction.rollback()

    assert {(one["event"], one["role"]) for one in logs} == {("blocked_by_others", OWNER)}


async def test_a_lock_on_an_account_is_freed_as_well(books: Books, database: FreshDatabase) -> None:
    async with database.as_role(PROCESSOR) as stalled:
        await stalled.execute("BEGIN")
        await stalled.execute("SELECT 1 FROM account WHERE user_id = 'alice' FOR UPDATE")
        await books.post(deposit())

    assert (await books.ledger.position(PARTITION)).next_offset == 2


async def test_an_account_being_created_by_a_stalled_session_is_freed_as_well(
    books: Books, database: FreshDatabase
) -> None:
    async with database.as_role(PROCESSOR) as stalled:
        await stalled.execute("BEGIN")
        await stalled.execute(
            "INSERT INTO account (shard, user_id, currency) VALUES ($1, 'bob', 'USD')",
            shard_of("bob"),
        )
        await books.post(deposit("bob"))

    assert (await books.ledger.position(PARTITION)).next_offset == 2
