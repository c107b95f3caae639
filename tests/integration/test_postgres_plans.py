"""What a statement costs does not grow with the history, not even before the first ANALYZE."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.outbound.postgres.account_queries import ENTRIES_DESCENDING
from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.list_queries import FIRST_PAGES_FROM, NEWEST_PAGES, find_places
from adapters.outbound.postgres.page_locking import keys_named, lock
from adapters.outbound.postgres.page_writing import write_page
from adapters.outbound.postgres.period_query import BALANCES_AT, PERIOD
from adapters.outbound.postgres.signed_head_queries import DEAD_LETTERS, TRANSACTIONS
from adapters.outbound.postgres.transaction_queries import BY_IDS, BY_KEY, BY_OFFSETS
from core.entities.account import user_account
from core.entities.page import NOTHING_NAMED, PageRun
from core.entities.transaction_id import shard_of_id
from core.entities.transaction_list import ListPlace, PageRange, Stretch, TransactionFilter
from core.posting.post import post
from infra.local.postgres import LocalPostgres
from tests.builders import NOON, FixedClock, deposit, logged
from tests.contracts.books_under_test import PARTITION, Books, books_in
from tests.postgres_databases import FreshDatabase, fresh_database

ALICE = user_account("alice", "USD")
PAGES, OF_EACH = 10, 200
ROWS_READ = """
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer
FROM pg_stat_xact_user_tables
"""


@pytest.fixture
async def connection(postgres: LocalPostgres) -> AsyncIterator[Connection]:
    """One whose plans were made while the tables were empty, on tables that are not any more."""
    async with (
        fresh_database(postgres) as database,
        Database(database.dsn()) as connections,
        connections.connection() as connection,
    ):
        await connection.execute("BEGIN")
        for run in STATEMENTS.values():
            await run(connection)
        await connection.execute("ROLLBACK")
        await post_a_history(database)
        yield connection


async def post_a_history(database: FreshDatabase) -> None:
    async with books_in(database, FixedClock()) as books:
        await books.take_over()
        for _ in range(PAGES):
            await post_a_page(books)


async def post_a_page(books: Books) -> None:
    books.clock.advance(seconds=1)
    await books.post(
        *[deposit("alice", reference="rent") for _ in range(OF_EACH // 2)],
        *[deposit(f"user-{books.next_offset}-{one}") for one in range(OF_EACH // 2)],
    )


async def read_a_period(connection: Connection) -> None:
    since, until = NOON + timedelta(seconds=3), NOON + timedelta(seconds=7)
    await connection.fetchrow(PERIOD, *ALICE, since, until, None)


async def read_entries(connection: Connection) -> None:
    await ENTRIES_DESCENDING.rows(connection, **ALICE._asdict(), first=1, last=500, at_most=10)


async def find_by_ids(connection: Connection) -> None:
    ids = [deposit().transaction_id, UUID(int=7)]
    await BY_IDS.rows(connection, transaction_ids=ids, shards=[shard_of_id(one) for one in ids])


async def find_by_key(connection: Connection) -> None:
    await BY_KEY.rows(connection, client="anonymous", key="unknown")


async def find_by_offsets(connection: Connection) -> None:
    await BY_OFFSETS.rows(connection, partition=PARTITION, from_offset=900, to_offset=910)


async def find_of_a_stretch(connection: Connection) -> None:
    offsets = {"partition": PARTITION, "from_offset": 900, "to_offset": 910}
    pages = {"from_page": 1, "to_page": PAGES}
    await TRANSACTIONS.rows(connection, **offsets, **pages)
    await DEAD_LETTERS.rows(connection, **offsets, **pages)


async def store_a_page(connection: Connection) -> None:
    commands = [logged(deposit("alice"), 10_000 + one, PARTITION) for one in range(8)]
    keys = keys_named(commands)
    await connection.executemany(
        "INSERT INTO account (shard, user_id, currency) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        keys,
    )
    locked = await lock(connection, keys, commands, NOTHING_NAMED)
    run = PageRun(PARTITION, 1, 10_000, 10_008, b"h" * 32, 0)
    await write_page(connection, run, post(commands, locked.state), NOON)


async def read_balances_at(connection: Connection) -> None:
    shard, user_id, _ = ALICE
    await connection.fetch(BALANCES_AT, shard, user_id, None, NOON + timedelta(seconds=4))


async def find_newest_pages(connection: Connection) -> None:
    await connection.fetch(NEWEST_PAGES)


async def find_first_pages(connection: Connection) -> None:
    await connection.fetch(FIRST_PAGES_FROM, NOON + timedelta(seconds=4))


def listing(wanted: TransactionFilter) -> Callable[[Connection], Awaitable[None]]:
    """Ten in the midst of the list, in either direction."""

    async def find_ten(connection: Connection) -> None:
        ranges = {PARTITION: PageRange(ListPlace(4, 700), PAGES)}
        await find_places(connection, wanted, Stretch(ranges), 10)
        before = Stretch(
            {PARTITION: PageRange(ListPlace(0, 0), PAGES)}, ListPlace(6, 1_100), descending=True
        )
        await find_places(connection, wanted, before, 10)

    return find_ten


STATEMENTS: dict[str, Callable[[Connection], Awaitable[None]]] = {
    "period": read_a_period,
    "entries": read_entries,
    "by ids": find_by_ids,
    "by key": find_by_key,
    "by offsets": find_by_offsets,
    "of a stretch": find_of_a_stretch,
    "page": store_a_page,
    "balances at": read_balances_at,
    "newest pages": find_newest_pages,
    "first pages": find_first_pages,
    "list": listing(TransactionFilter()),
    "list of a user": listing(TransactionFilter(user_id="alice")),
    "list of a reference": listing(TransactionFilter(reference="rent")),
}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_a_statement_reads_what_it_needs_and_no_more(
    connection: Connection, name: str
) -> None:
    await connection.execute("BEGIN")
    await STATEMENTS[name](connection)
    rows_read = await connection.fetchval(ROWS_READ)
    await connection.execute("ROLLBACK")

    assert rows_read <= 80 < PAGES * OF_EACH
