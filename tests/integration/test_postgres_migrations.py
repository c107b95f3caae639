"""The tables, and who may do what to them."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.outbound.postgres.database import SQLALCHEMY_URL, Database
from adapters.outbound.postgres.migrate import migrate, newest_revision
from adapters.outbound.postgres.migrations.versions import r0003_lists
from adapters.outbound.postgres.safeguard import PostgresSafeguard
from adapters.outbound.postgres.tables import metadata
from core.entities.dead_letter import LetterFilter, dead_letter_id
from core.entities.money import Money
from core.entities.orders import Deposit
from core.errors import LedgerUnavailableError, NotPermittedError
from infra.local.postgres import API, OWNER, PROCESSOR, WEBHOOKS, LocalPostgres
from tests.audit import audit
from tests.builders import (
    NOON,
    FixedClock,
    capture,
    deposit,
    discard,
    expiry,
    hold,
    reversal,
    transfer,
    unkeyed_id,
    void,
)
from tests.contracts.books_under_test import PARTITION, books_in
from tests.postgres_databases import FreshDatabase, empty_database, fresh_database

HISTORY = (
    "ledger_transaction",
    "entry",
    "party",
    "page",
    "signed_head",
    "dead_letter",
    "resumption",
    "partitioning",
)


@pytest.fixture
async def database(postgres: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as database:
        yield database


@pytest.fixture
async def empty(postgres: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    async with empty_database(postgres) as database:
        yield database


async def test_two_migrations_at_once_and_a_third_later_are_harmless(
    empty: FreshDatabase,
) -> None:
    async with Database(empty.dsn(OWNER)) as first, Database(empty.dsn(OWNER)) as second:
        revisions = list(await asyncio.gather(migrate(first), migrate(second)))
        async with books_in(empty, FixedClock()) as books:
            await books.take_over()
            await books.post(deposit())
            revisions.append(await migrate(first))
            assert (await books.reader.next_offsets()) == {PARTITION: 1}

    assert revisions == [newest_revision()] * 3


ALL_PARTIES = "SELECT * FROM party ORDER BY user_id, log_offset"

# As the first revision's code wrote a deposit of 5 yen, and the withdrawal that was refused.
OF_THE_FIRST_REVISION = """
INSERT INTO account (shard, user_id, currency, balance, sequence, opened_at, last_entry_at)
VALUES (701, 'alice', 'JPY', 5, 1, '2026-01-31Z', '2026-01-31Z'),
    (5, '@settlement:5', 'JPY', -5, 1, '2026-01-31Z', '2026-01-31Z');
INSERT INTO ledger_transaction (shard, transaction_id, type, status, user_id, amount, currency,
    client, fingerprint, request_id, log_partition, log_offset, page_number, accepted_at, posted_at,
    rejection_code, rejection_figures)
VALUES (701, '01900000-0000-72bd-8000-000000000001', 'deposit', 'posted', 'alice', 5, 'JPY',
        'anonymous', '\\x00', 'r', 5, 0, 1, '2026-01-31Z', '2026-01-31Z', NULL, NULL),
    (701, '01900000-0000-72bd-8000-000000000002', 'withdraw', 'rejected', 'alice', 9, 'JPY',
        'anonymous', '\\x00', 'r', 5, 1, 1, '2026-01-31Z', '2026-01-31Z',
        'insufficient_funds', '{"needed": 9, "available": 5}');
INSERT INTO entry (shard, user_id, currency, sequence, transaction_id, leg, log_partition,
    log_offset, amount, balance_after, posted_at)
VALUES (701, 'alice', 'JPY', 1, '01900000-0000-72bd-8000-000000000001', 0, 5, 0, 5, 5,
        '2026-01-31Z'),
    (5, '@settlement:5', 'JPY', 1, '01900000-0000-72bd-8000-000000000001', 1, 5, 0, -5, -5,
        '2026-01-31Z');
INSERT INTO page (partition, epoch, first_offset, next_offset, transaction_count, entry_count,
    rules_version, written_at)
VALUES (5, 1, 0, 2, 2, 2, 1, '2026-01-31Z');
INSERT INTO log_position (partition, epoch, next_offset, published_offset, condemned_in_a_row,
    updated_at)
VALUES (5, 1, 2, 2, 0, '2026-01-31Z');
"""


async def test_what_the_first_revision_wrote_is_read_and_reversed(empty: FreshDatabase) -> None:
    async with Database(empty.dsn(OWNER)) as connections:
        await migrate(connections, "0001")
        async with empty.as_role(OWNER) as owner:
            await owner.execute(OF_THE_FIRST_REVISION)
        await migrate(connections)
    first = UUID("01900000-0000-72bd-8000-000000000001")
    second = UUID("01900000-0000-72bd-8000-000000000002")
    async with books_in(empty, FixedClock()) as books:
        read = await books.reader.transactions([first, second])
        await books.take_over()
        page = await books.post(reversal(first, "4"), reversal(first, "4"))

    assert read[first].command.order == Deposit("alice", Money(5, "JPY", 0))
    refused = read[second].rejection
    assert refused is not None
    assert dict(refused.figures) == {"needed": 9, "available": 5}
    assert [one.rejection is None for one in page.transactions] == [True, False]
    await audit(empty.dsn(OWNER))


WITHOUT_USERS_OF_HOLDS = """
UPDATE ledger_transaction SET user_id = NULL WHERE type IN ('capture', 'void', 'expire')
"""


async def test_parties_of_what_was_posted_before_are_found(empty: FreshDatabase) -> None:
    """The migration fills the table from the books: as posting filled it when what was asked of a
    hold named no user.
    """
    first, second, third = hold(amount=50), hold(amount=20), hold(amount=10, expires_in=1)
    sent = transfer("alice", "bob", 70)
    async with Database(empty.dsn(OWNER)) as connections:
        await migrate(connections)
    async with books_in(empty, FixedClock()) as books:
        await books.take_over()
        await books.post(deposit(), first, second, third, sent, reversal(sent.transaction_id))
        books.clock.advance(seconds=5)
        await books.post(
            capture(first.transaction_id, to_user_id="carol"),
            void(second.transaction_id),
            void(second.transaction_id),
            expiry(third.transaction_id),
        )
    async with empty.as_role(OWNER) as owner:
        posted = await owner.fetch(ALL_PARTIES)
        await owner.execute("DELETE FROM party")
        await owner.execute(WITHOUT_USERS_OF_HOLDS)
        await owner.execute(r0003_lists.FILL)
        filled = await owner.fetch(ALL_PARTIES)

    assert len(posted) == 4
    assert len(filled) == 7
    assert {*posted} < {*filled}
    await audit(empty.dsn(OWNER))


OF_THE_THIRD_REVISION = """
INSERT INTO dead_letter (partition, page_number, log_offset, transaction_id, reason, detail,
    recorded_at, key, value, header_names, header_values)
VALUES (5, 1, 0, '01900000-0000-72bd-8000-000000000001', 'undecodable', 'no JSON', '2026-01-31Z',
        'alice', '\\xff', ARRAY['transaction_id']::bytea[],
        ARRAY['01900000-0000-72bd-8000-000000000001']::bytea[]),
    (5, 1, 1, NULL, 'undecodable', 'no value', '2026-01-31Z', NULL, NULL, '{}', '{}'),
    (5, 1, 2, '00000000-0000-4000-8000-000000000000', 'undecodable', 'no JSON', '2026-01-31Z',
        'key', '\\xff', '{}', '{}');
INSERT INTO page (partition, epoch, first_offset, next_offset, transaction_count, entry_count,
    rules_version, written_at)
VALUES (5, 1, 0, 3, 0, 0, 1, '2026-01-31Z');
INSERT INTO log_position (partition, epoch, next_offset, published_offset, condemned_in_a_row,
    updated_at)
VALUES (5, 1, 3, 3, 3, '2026-01-31Z');
"""


async def test_dead_letters_of_before_can_be_found_and_decided(empty: FreshDatabase) -> None:
    """Those that bear no id of ours get the one that their record would have got."""
    async with Database(empty.dsn(OWNER)) as connections:
        await migrate(connections, "0003")
        async with empty.as_role(OWNER) as owner:
            await owner.execute(OF_THE_THIRD_REVISION)
        await migrate(connections)
    async with books_in(empty, FixedClock()) as books:
        filed = await books.dead_letters.letters(LetterFilter(), None, 10)
        assert [one.letter.transaction_id for one in filed] == [
            UUID("01900000-0000-72bd-8000-000000000001"),
            *(dead_letter_id(one.letter.record) for one in filed[1:]),
        ]
        await books.take_over()
        await books.post(
            *(discard(one.letter.transaction_id, position=one.position) for one in filed)
        )
        assert await books.dead_letters.letters(LetterFilter(), None, 10) == []
    await audit(empty.dsn(OWNER))


async def test_a_migration_that_fails_leaves_nothing_behind(empty: FreshDatabase) -> None:
    async with empty.as_role(OWNER) as owner:
        await owner.execute("CREATE TABLE partitioning (in_the_way integer)")
        async with Database(empty.dsn(OWNER)) as connections:
            with pytest.raises(Exception, match="already exists"):
                await migrate(connections)
        assert await owner.fetchval("SELECT to_regclass('log_position')") is None

        await owner.execute("DROP TABLE partitioning")
        async with Database(empty.dsn(OWNER)) as connections:
            await migrate(connections)


async def test_a_database_that_is_not_there_is_told_in_the_servers_own_words(
    empty: FreshDatabase,
) -> None:
    async with Database(f"{empty.dsn(OWNER)}_elsewhere") as connections:
        with pytest.raises(
            LedgerUnavailableError, match=r'^database ".*_elsewhere" does not exist \(3D000\)$'
        ):
            await migrate(connections)


async def test_the_tables_are_those_that_the_queries_see(database: FreshDatabase) -> None:
    async with Database(database.dsn(OWNER)) as connections:
        engine = create_async_engine(
            SQLALCHEMY_URL, async_creator=connections.connect_unhurried, poolclass=NullPool
        )
        async with engine.connect() as connection:
            differences = await connection.run_sync(compared)
        await engine.dispose()

    assert differences == []


def compared(connection: sa.Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_each_run_takes_back_what_a_role_does_not_need(database: FreshDatabase) -> None:
    async with database.as_role(OWNER) as owner:
        await owner.execute(f"GRANT ALL ON entry, account TO {PROCESSOR}, {API}")
        async with Database(database.dsn(OWNER)) as connections:
            await migrate(connections)

        may = "SELECT has_table_privilege($1, $2, 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
        for role in (PROCESSOR, API):
            assert not await owner.fetchval(may, role, "entry")
        assert not await owner.fetchval(may, API, "account")


async def test_each_run_grants_anew(database: FreshDatabase) -> None:
    async with database.as_role(OWNER) as owner:
        await owner.execute(f"REVOKE ALL ON entry, account FROM {PROCESSOR}, {API}")
        async with Database(database.dsn(OWNER)) as connections:
            await migrate(connections)

        for role in (PROCESSOR, API):
            assert await owner.fetchval("SELECT has_table_privilege($1, 'entry', 'SELECT')", role)


@pytest.mark.parametrize("table", HISTORY)
async def test_the_role_that_posts_cannot_change_history(
    database: FreshDatabase, table: str
) -> None:
    column = metadata.tables[table].columns.values()[-1].name
    async with database.as_role(PROCESSOR) as processor:
        for statement in (
            f"DELETE FROM {table}",
            f"UPDATE {table} SET {column} = {column}",
            f"TRUNCATE {table}",
            f"DROP TABLE {table}",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await processor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET user_id = user_id",
        "UPDATE account SET currency = currency",
        "UPDATE hold SET amount = amount",
        "UPDATE hold SET user_id = user_id",
        "UPDATE log_position SET partition = partition",
        "DELETE FROM log_position",
        "DELETE FROM hold",
        "TRUNCATE account",
        "UPDATE alembic_version SET version_num = version_num",
        "ALTER TABLE entry DISABLE TRIGGER entries_sum_to_zero",
        "DROP TRIGGER entries_sum_to_zero ON entry",
        "ALTER FUNCTION entries_sum_to_zero() OWNER TO CURRENT_USER",
        "ALTER TABLE account DROP CONSTRAINT account_user_balance",
        "SET session_replication_role = replica",
        "SET ROLE counterfoil",
        "CREATE TABLE mine ()",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "COPY entry TO PROGRAM 'true'",
    ],
)
@pytest.mark.parametrize("role", [PROCESSOR, API, WEBHOOKS])
async def test_the_services_roles_change_nothing_but_what_posting_changes(
    database: FreshDatabase, role: str, statement: str
) -> None:
    async with database.as_role(role) as service:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(statement)


@pytest.mark.parametrize("kind", ["TABLE", "TEMPORARY TABLE"])
@pytest.mark.parametrize("role", [PROCESSOR, API, WEBHOOKS])
async def test_in_the_database_that_was_made_for_them_the_services_roles_make_nothing(
    postgres: LocalPostgres, role: str, kind: str
) -> None:
    """That of `roles.sql`: what a database itself grants is not copied from its template."""
    service = await asyncpg.connect(postgres.dsn(role, "counterfoil"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(f"CREATE {kind} mine ()")
    finally:
        await service.close()


@pytest.mark.parametrize("table", sorted(metadata.tables))
async def test_the_role_that_posts_may_change_these_columns_alone(
    database: FreshDatabase, table: str
) -> None:
    columns = {column.name for column in metadata.tables[table].columns}
    may = "SELECT has_column_privilege($1, $2, 'UPDATE')"
    async with database.as_role(PROCESSOR) as processor:
        changeable = {one for one in columns if await processor.fetchval(may, table, one)}

    assert changeable == {
        "log_position": columns - {"partition"},
        "account": columns - {"shard", "user_id", "currency"},
        "hold": {"captured", "status"},
        "integrity_check": columns,
    }.get(table, set())


async def test_the_apis_role_keeps_secrets_of_webhooks_and_cannot_read_them(
    database: FreshDatabase,
) -> None:
    async with database.as_role(API) as api:
        for statement in (
            "SELECT secret FROM webhook_secret",
            "SELECT * FROM webhook_secret",
            "UPDATE webhook_secret SET secret = 'mine'",
            "INSERT INTO webhook_secret (secret) VALUES ('x') RETURNING secret",
            "DELETE FROM webhook_attempt",
            "UPDATE webhook_delivery SET state = 'delivered'",
            "UPDATE webhook_cursor SET next_offset = 0",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await api.execute(statement)


@pytest.mark.parametrize("table", sorted(one for one in metadata.tables if "webhook" not in one))
async def test_the_role_of_the_webhooks_changes_nothing_that_is_money(
    database: FreshDatabase, table: str
) -> None:
    may = """
        SELECT has_any_column_privilege($1, 'INSERT, UPDATE')
            OR has_table_privilege($1, 'DELETE, TRUNCATE, TRIGGER')
    """
    async with database.as_role(WEBHOOKS) as webhooks:
        assert not await webhooks.fetchval(may, table)


async def test_a_copy_of_entries_that_do_not_sum_to_zero_is_refused_as_a_whole(
    database: FreshDatabase,
) -> None:
    first, second = unkeyed_id("alice"), unkeyed_id("alice")
    columns = metadata.tables["entry"].columns.keys()

    def entries(transaction_id: UUID, *amounts: tuple[str, str, int]) -> list[tuple[object, ...]]:
        return [
            (1, user_id, currency, 1, transaction_id, leg, 0, 0, amount, amount, NOON)
            for leg, (user_id, currency, amount) in enumerate(amounts)
        ]

    balanced = entries(first, ("a", "USD", 5), ("b", "USD", -5))
    async with database.as_role(PROCESSOR) as processor:
        for unbalanced in (
            entries(second, ("c", "USD", 5), ("d", "USD", -4)),
            entries(second, ("c", "USD", 5), ("d", "EUR", -5)),
            [*entries(second, ("c", "USD", 5)), *entries(unkeyed_id("x"), ("d", "USD", -5))],
        ):
            with pytest.raises(asyncpg.CheckViolationError, match="do not sum to zero"):
                await processor.copy_records_to_table(
                    "entry", records=balanced + unbalanced, columns=columns
                )
        assert await processor.fetchval("SELECT count(*) FROM entry") == 0
        await processor.copy_records_to_table("entry", records=balanced, columns=columns)
        assert await processor.fetchval("SELECT count(*) FROM entry") == 2


@pytest.mark.parametrize("table", [*HISTORY, "log_position", "account", "hold", "alembic_version"])
async def test_the_role_that_reads_can_do_nothing_else(database: FreshDatabase, table: str) -> None:
    async with database.as_role(API) as reader:
        await reader.fetch(f"SELECT * FROM {table}")
        for privilege in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            assert not await reader.fetchval("SELECT has_table_privilege($1, $2)", table, privilege)


async def test_a_sound_database_is_verified_again_and_again(database: FreshDatabase) -> None:
    async with Database(database.dsn()) as connections:
        safeguard = PostgresSafeguard(connections, FixedClock(), partition_count=8)

        await asyncio.gather(safeguard.verify(), safeguard.verify())
        await safeguard.verify()


async def test_another_number_of_partitions_is_refused(database: FreshDatabase) -> None:
    async with Database(database.dsn()) as connections:
        await PostgresSafeguard(connections, FixedClock(), partition_count=8).verify()

        with pytest.raises(NotPermittedError, match="8 partitions, not 16"):
            await PostgresSafeguard(connections, FixedClock(), partition_count=16).verify()


async def test_a_database_without_tables_is_refused_and_says_what_to_run(
    empty: FreshDatabase,
) -> None:
    async with Database(empty.dsn()) as connections:
        with pytest.raises(NotPermittedError, match="run counterfoil migrate"):
            await PostgresSafeguard(connections, FixedClock(), partition_count=8).verify()


async def test_tables_of_another_revision_are_refused(database: FreshDatabase) -> None:
    async with database.as_role() as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '0000'")
    async with Database(database.dsn()) as connections:
        with pytest.raises(NotPermittedError, match="revision 0000"):
            await PostgresSafeguard(connections, FixedClock(), partition_count=8).verify()


@pytest.mark.parametrize("value", ["off", "local"])
async def test_a_role_that_commits_without_waiting_for_the_disk_is_refused(
    database: FreshDatabase, value: str
) -> None:
    async with database.as_role() as connection:
        await connection.execute(
            f"ALTER ROLE {PROCESSOR} IN DATABASE {database.name} SET synchronous_commit = {value}"
        )
    async with Database(database.dsn()) as connections:
        with pytest.raises(NotPermittedError, match="synchronous_commit"):
            await PostgresSafeguard(connections, FixedClock(), partition_count=8).verify()
    async with database.as_role() as connection:
        assert await connection.fetchval("SELECT count(*) FROM partitioning") == 0


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
async def test_a_server_that_would_lose_data_is_refused(database: FreshDatabase, name: str) -> None:
    """The server's own settings are everybody's, so a view stands in for what they would be."""
    async with database.as_role() as connection:
        await connection.execute(
            f"CREATE SCHEMA careless; GRANT USAGE ON SCHEMA careless TO {PROCESSOR};"
            "CREATE VIEW careless.pg_settings AS SELECT name,"
            f" CASE name WHEN '{name}' THEN 'off' ELSE setting END AS setting"
            " FROM pg_catalog.pg_settings;"
            f"GRANT SELECT ON careless.pg_settings TO {PROCESSOR};"
            f"ALTER ROLE {PROCESSOR} IN DATABASE {database.name}"
            " SET search_path = careless, pg_catalog, public"
        )
    async with Database(database.dsn()) as connections:
        with pytest.raises(NotPermittedError, match=f"^PostgreSQL has {name} = off"):
            await PostgresSafeguard(connections, FixedClock(), partition_count=8).verify()
