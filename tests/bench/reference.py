"""The yardstick: a drain's rows into the same PostgreSQL, by the driver and nothing else.

No log is read, nothing is decided, no account is locked, nothing is fenced: less than any
processor has to do. Pages have 1,000 transactions, the rows are ready in memory.
"""

import asyncio
import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import islice
from typing import Any, Final, NamedTuple

from adapters.outbound.postgres.database import Connection
from tests.bench.cpu import cpu_seconds, per_thousand
from tests.bench.figures import Reference
from tests.bench.workbench import Site
from tests.postgres_databases import FreshDatabase

PAGE_TRANSACTIONS: Final = 1_000

_TRANSACTIONS: Final = "SELECT * FROM ledger_transaction ORDER BY log_partition, log_offset"
_ENTRIES: Final = "SELECT * FROM entry ORDER BY log_partition, log_offset, leg"
_MOVE: Final = "UPDATE log_position SET next_offset = next_offset + $2 WHERE partition = $1"
_POSITIONS: Final = """
INSERT INTO log_position (partition, epoch, next_offset, published_offset, condemned_in_a_row,
                          updated_at)
SELECT partition, 1, 0, 0, 0, now() FROM generate_series(0, $1) AS partition
"""
_PAGE: Final = """
INSERT INTO page (partition, epoch, first_offset, next_offset, transaction_count, entry_count,
                  rules_version, written_at, may_cross)
VALUES ($1, 1, $2, $3, $4, $5, 1, now(), false)
"""
_ACCOUNTS: Final = """
INSERT INTO account (shard, user_id, currency, balance, sequence, opened_at, last_entry_at)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::numeric[], $5::bigint[],
                     $6::timestamptz[], $7::timestamptz[])
ON CONFLICT (shard, user_id, currency) DO UPDATE
SET balance = excluded.balance, sequence = excluded.sequence,
    last_entry_at = excluded.last_entry_at
"""

Row = tuple[Any, ...]


class _Page(NamedTuple):
    partition: int
    first_offset: int
    transactions: Sequence[Row]
    entries: Sequence[Row]
    accounts: Sequence[Row]


class Rows(NamedTuple):
    """All rows of a ledger, page by page, and the names of their columns."""

    pages: Sequence[_Page]
    transaction_columns: Sequence[str]
    entry_columns: Sequence[str]

    @property
    def transactions(self) -> int:
        """How many."""
        return sum(len(page.transactions) for page in self.pages)


async def rows_of(database: FreshDatabase) -> Rows:
    """What was posted, cut into pages of one partition each."""
    async with database.as_role() as connection:
        transactions = await connection.fetch(_TRANSACTIONS)
        entries = await connection.fetch(_ENTRIES)
    return Rows(
        pages=list(_pages(transactions, entries)),
        transaction_columns=list(transactions[0].keys()),
        entry_columns=list(entries[0].keys()),
    )


def _pages(transactions: Sequence[Any], entries: Sequence[Any]) -> Iterator[_Page]:
    rest = iter(entries)
    start = 0
    while start < len(transactions):
        partition = transactions[start]["log_partition"]
        own = [
            one
            for one in transactions[start : start + PAGE_TRANSACTIONS]
            if one["log_partition"] == partition
        ]
        own_entries = list(islice(rest, 2 * len(own)))
        yield _Page(
            partition=partition,
            first_offset=own[0]["log_offset"],
            transactions=[tuple(one) for one in own],
            entries=[tuple(one) for one in own_entries],
            accounts=_accounts(own_entries),
        )
        start += len(own)


def _accounts(entries: Sequence[Any]) -> list[Row]:
    last = {(one["shard"], one["user_id"], one["currency"]): one for one in entries}
    return [
        (*key, one["balance_after"], one["sequence"], one["posted_at"], one["posted_at"])
        for key, one in sorted(last.items())
    ]


async def write(site: Site, rows: Rows, connections: int) -> Reference:
    """Write the rows into a site's empty books, over so many connections side by side."""
    await site.settle()
    async with AsyncExitStack() as stack:
        async with site.database.as_role() as connection:
            await connection.execute(_POSITIONS, max(page.partition for page in rows.pages))
        open_connections = [
            await stack.enter_async_context(site.database.as_role()) for _ in range(connections)
        ]
        gc.collect()
        gc.freeze()
        pids = {"postgres": site.server_pids["postgres"]}
        before, started = cpu_seconds(pids), time.perf_counter()
        pages = iter(rows.pages)
        await asyncio.gather(*(_write_all(one, pages, rows) for one in open_connections))
        seconds = time.perf_counter() - started
        cpu = per_thousand(before, cpu_seconds(pids), rows.transactions)
        gc.unfreeze()
    return Reference(
        transactions=rows.transactions,
        connections=connections,
        per_second=rows.transactions / seconds,
        cpu=cpu,
    )


async def _write_all(connection: Connection, pages: Iterator[_Page], rows: Rows) -> None:
    for page in pages:
        await _write_page(connection, page, rows)


async def _write_page(connection: Connection, page: _Page, rows: Rows) -> None:
    count = len(page.transactions)
    async with connection.transaction():
        await connection.execute(_MOVE, page.partition, count)
        await connection.execute(
            *(_PAGE, page.partition, page.first_offset, page.first_offset + count),
            *(count, len(page.entries)),
        )
        await connection.copy_records_to_table(
            "ledger_transaction", records=page.transactions, columns=rows.transaction_columns
        )
        await connection.copy_records_to_table(
            "entry", records=page.entries, columns=rows.entry_columns
        )
        await connection.execute(_ACCOUNTS, *zip(*page.accounts, strict=True))
