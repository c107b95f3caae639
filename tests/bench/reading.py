"""What it costs to read an account with a long history: any page of it, and all of it."""

import asyncio
import statistics
import time
from collections.abc import Callable
from typing import Final

import psutil
from aiohttp import ClientSession

from core.entities.account import settlement_account, user_account
from core.entities.statement import StatementCursor, StatementOrder, StatementQuery
from infra.local.postgres_cluster import SUPERUSER
from tests.bench.figures import Exported, Reading
from tests.bench.workbench import Site

ALICE: Final = user_account("alice", "USD")
HOUSE: Final = settlement_account(0, "USD")
LIMIT: Final = 50
ROUNDS: Final = 100
SAMPLE_SECONDS: Final = 0.05
MOMENT: Final = "2026-01-31T00:00:10Z"
Say = Callable[[str], None]

# As posting one deposit of 0.01 a millisecond would have left them.
_TRANSACTIONS: Final = """
INSERT INTO ledger_transaction (shard, transaction_id, type, status, user_id, amount, currency,
    exponent, client, fingerprint, request_id, log_partition, log_offset, page_number, accepted_at,
    posted_at)
SELECT 0, id.id, 'deposit', 'posted', 'alice', 1, 'USD', 2, 'bench', '\\x00', 'bench', 0, number,
    1 + number / 1000, time.time, time.time
FROM generate_series(1, $1::bigint) AS number,
    LATERAL (
        SELECT (lpad(to_hex(number), 12, '0') || '70008000' || lpad('', 12, '0'))::uuid
    ) AS id (id),
    LATERAL (SELECT '2026-01-31Z'::timestamptz + number * interval '1 ms') AS time (time)
"""
_ENTRIES: Final = """
INSERT INTO entry (shard, user_id, currency, sequence, transaction_id, leg, log_partition,
    log_offset, amount, balance_after, posted_at)
SELECT side.shard, side.user_id, 'USD', log_offset, transaction_id, side.leg, 0, log_offset,
    side.amount, side.amount * log_offset, posted_at
FROM ledger_transaction,
    (VALUES ($1::smallint, $2, 0, -1), ($3::smallint, $4, 1, 1))
        AS side (shard, user_id, leg, amount)
"""
_ACCOUNT: Final = """
INSERT INTO account (shard, user_id, currency, balance, sequence, opened_at, last_entry_at)
SELECT $1, $2, $3, $4 * count(*), count(*), min(posted_at), max(posted_at)
FROM ledger_transaction
"""


async def read_long_account(site: Site, entries: int, say: Say) -> Reading:
    """Fill an account of the site, start the API, and read."""
    say(f"filling an account with {entries:,} entries")
    await _fill(site, entries)
    async with site.started("api") as app, ClientSession(site.api_url) as client:
        await app.ready()
        say(f"reading its pages {ROUNDS} times")
        paths = {
            "first page": _page(1, entries),
            "page in the middle": _page(entries // 2, entries),
            "last page": _page(entries - LIMIT + 1, entries),
            "balance at a time": f"/balance/alice?at={MOMENT}",
        }
        milliseconds = await _medians(client, paths)
        say("exporting all of it as CSV")
        exported = await _export(client, psutil.Process(app.process.pid))
    return Reading(entries=entries, milliseconds=milliseconds, exported=exported)


async def _fill(site: Site, entries: int) -> None:
    async with site.database.as_role(SUPERUSER) as connection:
        await connection.execute(_TRANSACTIONS, entries, timeout=300)
        await connection.execute(_ENTRIES, *HOUSE[:2], *ALICE[:2], timeout=300)
        for key, amount in ((HOUSE, -1), (ALICE, 1)):
            await connection.execute(_ACCOUNT, *key, amount, timeout=300)
        await connection.execute("VACUUM ANALYZE", timeout=300)
    await site.settle()


def _page(sequence: int, entries: int) -> str:
    """The path of a statement's page that begins with this entry."""
    query = StatementQuery(ALICE, LIMIT, order=StatementOrder.ASCENDING)
    cursor = StatementCursor(sequence, entries, query.digest())
    return f"/statement/alice?order=asc&limit={LIMIT}&cursor={cursor}"


async def _medians(client: ClientSession, paths: dict[str, str]) -> dict[str, float]:
    """In turns, so that what slows the machine slows all of them."""
    taken: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(ROUNDS):
        for name, path in paths.items():
            started = time.perf_counter()
            async with client.get(path) as response:
                await response.read()
            response.raise_for_status()
            taken[name].append((time.perf_counter() - started) * 1_000)
    return {name: statistics.median(times) for name, times in taken.items()}


async def _export(client: ClientSession, process: psutil.Process) -> Exported:
    """All of the account; the most memory that the API had meanwhile, beyond what it had before."""
    async with client.get("/statement/alice?format=csv&to=2026-01-31T00:00:01Z") as response:
        await response.read()
    before = peak = process.memory_info().rss
    started, size = time.perf_counter(), 0
    async with client.get("/statement/alice?format=csv") as response:
        response.raise_for_status()
        sampled = started
        async for piece in response.content.iter_any():
            size += len(piece)
            if time.perf_counter() > sampled + SAMPLE_SECONDS:
                sampled = time.perf_counter()
                peak = max(peak, process.memory_info().rss)
                await asyncio.sleep(0)
    return Exported(bytes=size, seconds=time.perf_counter() - started, memory_bytes=peak - before)
