"""What goes wrong with a real PostgreSQL: never a record's fault, never half a page."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.outbound.postgres.blockers import Blockers
from adapters.outbound.postgres.database import Database, DatabaseLimits
from adapters.outbound.postgres.dependency import PostgresDependency
from adapters.outbound.postgres.ledger import PostgresLedger
from adapters.outbound.postgres.ledger_reader import PostgresLedgerReader
from core.entities.account import user_account
from core.entities.ownership import Ownership
from core.errors import CommitUnknownError, LedgerUnavailableError
from core.usecases.post_page import PageLimits, PostPage
from infra.local.postgres import PROCESSOR, LocalPostgres
from tests.builders import CHAIN, PARTITIONS, FixedClock, deposit, record
from tests.contracts.books_under_test import PARTITION, Books, books_in
from tests.eventually import eventually
from tests.integration.commit_proxy import CommitProxy, Fate
from tests.postgres_databases import FreshDatabase, fresh_database

ALICE = user_account("alice", "USD")
LIMITS = PageLimits(max_records=2_000, max_entries=10_000, max_condemned_in_a_row=5)

# A commit waits here for as long as a test holds the advisory lock 42.
SLOW_COMMIT = """
CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON page
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_commit();
"""
FAILING_COMMIT = """
CREATE FUNCTION failing_commit() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
CREATE CONSTRAINT TRIGGER failing_commit AFTER INSERT ON page
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION failing_commit();
"""


@pytest.fixture
async def database(postgres: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as database:
        yield database


@pytest.fixture
async def books(database: FreshDatabase) -> AsyncIterator[Books]:
    async with books_in(database, FixedClock()) as books:
        await books.take_over()
        yield books


@asynccontextmanager
async def a_ledger(dsn: str, patience_seconds: float = 5.0) -> AsyncIterator[PostgresLedger]:
    """A ledger with a single connection, so that whatever happens to it is noticed."""
    async with Database(dsn, limits=DatabaseLimits(pool_size=1, pool_wait_seconds=5)) as database:
        yield PostgresLedger(database, FixedClock(), Blockers(database, patience_seconds))


async def an_ownership(ledger: PostgresLedger) -> Ownership:
    position = await ledger.take_over(PARTITION)
    return Ownership(PARTITION, "topic", position.epoch, position.next_offset, 0, 0, 0, CHAIN)


async def sequence_of_alice(database: FreshDatabase) -> int:
    async with Database(database.api_dsn) as reading:
        account = await PostgresLedgerReader(reading).account(ALICE)
    return 0 if account is None else account.sequence


async def test_a_commit_whose_answer_is_lost_is_found_stored(database: FreshDatabase) -> None:
    async with CommitProxy(database.dsn()).listening() as network, a_ledger(network.dsn) as ledger:
        ownership = await an_ownership(ledger)
        network.fate = Fate.ANSWER_IS_LOST
        posted = await PostPage(ledger, LIMITS, PARTITIONS)(
            ownership, [record(deposit(), 0, PARTITION)]
        )
        assert posted.ownership.next_offset == 1
        posted = await PostPage(ledger, LIMITS, PARTITIONS)(
            posted.ownership, [record(deposit(), 1, PARTITION)]
        )

    assert posted.page.transactions[0].entries[0].sequence == 2
    assert await sequence_of_alice(database) == 2


@pytest.mark.parametrize("fate", [Fate.IS_LOST, Fate.IS_LOST_AND_THE_SERVER_NOT_TOLD])
async def test_a_commit_that_is_lost_is_found_not_stored_and_posted_again(
    database: FreshDatabase, fate: Fate
) -> None:
    records = [record(deposit(), 0, PARTITION)]
    async with (
        CommitProxy(database.dsn()).listening() as network,
        a_ledger(network.dsn, patience_seconds=0.2) as ledger,
    ):
        ownership = await an_ownership(ledger)
        network.fate = fate
        with pytest.raises(LedgerUnavailableError):
            await PostPage(ledger, LIMITS, PARTITIONS)(ownership, records)
        assert await sequence_of_alice(database) == 0
        await PostPage(ledger, LIMITS, PARTITIONS)(ownership, records)

    assert await sequence_of_alice(database) == 1


async def test_a_lost_answer_is_reported_as_unknown(database: FreshDatabase) -> None:
    async with (
        CommitProxy(database.dsn()).listening() as network,
        Database(network.dsn) as connections,
    ):
        clock = FixedClock()
        ledger = PostgresLedger(connections, clock, Blockers(connections))
        reader = PostgresLedgerReader(connections)
        books = Books(ledger, reader, None, None, clock)  # type: ignore[arg-type]
        await books.take_over()
        network.fate = Fate.ANSWER_IS_LOST
        with pytest.raises(CommitUnknownError):
            await books.post(deposit())

        assert (await ledger.position(PARTITION)).next_offset == 1


async def test_an_error_that_answers_a_commit_is_settled_by_the_position(
    database: FreshDatabase,
) -> None:
    records = [record(deposit(), 0, PARTITION)]
    async with a_ledger(database.dsn()) as ledger, database.as_role() as connection:
        ownership = await an_ownership(ledger)
        await connection.execute(FAILING_COMMIT)
        with pytest.raises(LedgerUnavailableError):
            await PostPage(ledger, LIMITS, PARTITIONS)(ownership, records)
        await connection.execute("DROP TRIGGER failing_commit ON page")
        await PostPage(ledger, LIMITS, PARTITIONS)(ownership, records)

    assert await sequence_of_alice(database) == 1


async def test_the_position_is_told_only_after_a_commit_under_way(
    books: Books, database: FreshDatabase
) -> None:
    async with database.as_role() as connection:
        await connection.execute(SLOW_COMMIT)
        await connection.execute("SELECT pg_advisory_lock(42)")
        posting = asyncio.create_task(books.post(deposit()))
        await eventually(lambda: database.has_session("query = 'COMMIT' AND state = 'active'"))
        asking = asyncio.create_task(books.ledger.position(PARTITION))
        await eventually(lambda: database.has_session("query LIKE '%FOR NO KEY UPDATE'"))
        assert not asking.done()
        await connection.execute("SELECT pg_advisory_unlock(42)")
        await posting

    assert (await asking).next_offset == 1


async def test_a_caller_cancelled_while_it_commits_leaves_a_whole_page(
    database: FreshDatabase,
) -> None:
    async with a_ledger(database.dsn()) as ledger, database.as_role() as connection:
        ownership = await an_ownership(ledger)
        await connection.execute(SLOW_COMMIT)
        await connection.execute("SELECT pg_advisory_lock(42)")
        posting = asyncio.create_task(
            PostPage(ledger, LIMITS, PARTITIONS)(ownership, [record(deposit(), 0, PARTITION)])
        )
        await eventually(lambda: database.has_session("query = 'COMMIT' AND state = 'active'"))
        posting.cancel()
        for _ in range(10):
            # Nobody gives the commit up, for as long as it takes.
            assert await database.has_session("query = 'COMMIT' AND state = 'active'")
        await connection.execute("SELECT pg_advisory_unlock(42)")
        with pytest.raises(asyncio.CancelledError):
            await posting

        assert (await ledger.position(PARTITION)).next_offset == 1


async def test_a_caller_cancelled_while_it_waits_leaves_nothing_and_no_session_behind(
    database: FreshDatabase,
) -> None:
    async with a_ledger(database.dsn()) as ledger, database.as_role() as other:
        ownership = await an_ownership(ledger)
        records = [record(deposit(), 0, PARTITION)]
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT 1 FROM log_position FOR UPDATE")
        for _ in range(3):
            posting = asyncio.create_task(PostPage(ledger, LIMITS, PARTITIONS)(ownership, records))
            await eventually(database.somebody_waits_for_a_lock)
            posting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await posting
            await eventually(lambda: nobody_waits(database))
        await transaction.rollback()

        await PostPage(ledger, LIMITS, PARTITIONS)(ownership, records)

    assert await sequence_of_alice(database) == 1


async def nobody_waits(database: FreshDatabase) -> bool:
    return not await database.somebody_waits_for_a_lock()


@pytest.mark.parametrize("count", [1, 100])
async def test_a_forgotten_grant_condemns_no_record_and_heals(
    database: FreshDatabase, count: int
) -> None:
    records = [record(deposit(), offset, PARTITION) for offset in range(count)]
    async with a_ledger(database.dsn()) as ledger, database.as_role() as connection:
        ownership = await an_ownership(ledger)
        await connection.execute(f"REVOKE INSERT ON entry FROM {PROCESSOR}")
        with pytest.raises(LedgerUnavailableError, match="permission denied"):
            await PostPage(ledger, LIMITS, PARTITIONS)(ownership, records)
        position = await ledger.position(PARTITION)
        assert (position.next_offset, position.halted) == (0, None)

        await connection.execute(f"GRANT INSERT ON entry TO {PROCESSOR}")
        posted = await PostPage(ledger, LIMITS, PARTITIONS)(ownership, records)

    assert posted.page.dead_letters == ()
    assert await sequence_of_alice(database) == count


async def test_sessions_ended_by_the_server_are_replaced_without_a_failure(
    books: Books, database: FreshDatabase
) -> None:
    await books.post(deposit())
    async with database.as_role() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await eventually(lambda: no_session_is_left(database))

    await books.post(deposit())

    account = await books.reader.account(ALICE)
    assert account is not None
    assert account.sequence == 2


async def no_session_is_left(database: FreshDatabase) -> bool:
    return not await database.has_session("application_name = 'counterfoil'")


async def test_a_session_ended_in_the_middle_of_a_page_leaves_nothing_of_it(
    books: Books, database: FreshDatabase
) -> None:
    await books.post(deposit())
    async with database.as_role() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT 1 FROM account WHERE user_id = 'alice' FOR UPDATE")
        posting = asyncio.create_task(books.post(deposit()))
        await eventually(database.somebody_waits_for_a_lock)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )
        with pytest.raises(LedgerUnavailableError):
            await posting
        await transaction.rollback()

    assert (await books.ledger.position(PARTITION)).next_offset == 1
    await books.post(deposit())


async def test_too_few_connections_are_a_ledger_that_is_unavailable(
    database: FreshDatabase,
) -> None:
    limits = DatabaseLimits(pool_size=1, pool_wait_seconds=0.05)
    async with Database(database.dsn(), limits=limits) as connections:
        async with connections.connection():
            with pytest.raises(LedgerUnavailableError):
                await PostgresLedgerReader(connections).next_offsets()
        assert await PostgresLedgerReader(connections).next_offsets() == {}


async def test_a_statement_that_takes_too_long_is_a_ledger_that_is_unavailable(
    database: FreshDatabase,
) -> None:
    limits = DatabaseLimits(command_timeout_seconds=0.2)
    async with Database(database.dsn(), limits=limits) as connections, database.as_role() as other:
        await PostgresLedger(connections, FixedClock(), Blockers(connections)).take_over(PARTITION)
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT 1 FROM log_position FOR UPDATE")
        ledger = PostgresLedger(connections, FixedClock(), Blockers(connections))
        with pytest.raises(LedgerUnavailableError):
            await ledger.take_over(PARTITION)
        await transaction.rollback()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    assert isinstance(port, int)
    return port


async def test_a_server_that_is_away_makes_every_method_unavailable(closed_port: int) -> None:
    async with Database(f"postgresql://someone:secret@127.0.0.1:{closed_port}/books") as away:
        ledger = PostgresLedger(away, FixedClock(), Blockers(away))
        with pytest.raises(LedgerUnavailableError):
            await PostgresLedgerReader(away).account(ALICE)
        with pytest.raises(LedgerUnavailableError):
            await ledger.take_over(PARTITION)
        with pytest.raises(LedgerUnavailableError):
            await PostPage(ledger, LIMITS, PARTITIONS)(
                Ownership(PARTITION, "topic", 1, 0, 0, 0, 0, CHAIN),
                [record(deposit(), 0, PARTITION)],
            )
        trouble = await PostgresDependency(away).trouble()

    assert trouble is not None
    assert "secret" not in trouble


@pytest.mark.parametrize("damage", ["role", "password", "database"])
async def test_being_refused_is_a_ledger_that_is_unavailable(
    database: FreshDatabase, damage: str
) -> None:
    dsn = database.dsn()
    wrong = {
        "role": dsn.replace(f"//{PROCESSOR}:", "//nobody:"),
        "password": dsn.replace("@", "wrong@"),
        "database": f"{dsn}_that_is_not_there",
    }[damage]
    async with Database(wrong) as connections:
        with pytest.raises(LedgerUnavailableError):
            await PostgresLedgerReader(connections).next_offsets()


async def test_a_server_that_answers_is_no_trouble(database: FreshDatabase) -> None:
    async with Database(database.api_dsn) as connections:
        dependency = PostgresDependency(connections)

        assert dependency.name == "postgres"
        assert await dependency.trouble() is None


async def test_a_server_that_accepts_and_says_nothing_is_trouble() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, Database(f"postgresql://someone@127.0.0.1:{port}/books") as silent:
        trouble = await PostgresDependency(silent).trouble()

    assert trouble is not None
    assert "did not answer" in trouble


async def test_sessions_have_limits_of_their_own_on_the_server(database: FreshDatabase) -> None:
    limits = DatabaseLimits(command_timeout_seconds=10)
    async with (
        Database(database.dsn(), "counterfoil-test", limits) as connections,
        connections.connection() as connection,
    ):
        settings = connection.get_settings()
        found = {
            name: await connection.fetchval(f"SHOW {name}")
            for name in (
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
            )
        }

    assert found == {
        "statement_timeout": "10s",
        "lock_timeout": "8s",
        "idle_in_transaction_session_timeout": "10s",
    }
    assert settings.application_name == "counterfoil-test"
