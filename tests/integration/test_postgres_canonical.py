"""PostgreSQL makes the same canonical bytes as the core."""

from datetime import UTC, datetime
from typing import Final

import pytest

from adapters.outbound.postgres.audit.canonical import ENTRY
from core.entities.account import settlement_account
from core.entities.transaction import Entry
from core.proof.canonical import entry_bytes
from infra.local.postgres import LocalPostgres
from tests.postgres_databases import fresh_database

UPPER_HALVES: Final = (0, 1, -1, -2, 4, 999, 1 << 40, -(1 << 40), 1 << 62, (1 << 63) - 1, -1 << 63)
LOWER_HALVES: Final = (0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 101, (1 << 64) - 1)
TIMES: Final = (
    datetime(1900, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 11, 23, 12, 0, 0, 123_457, tzinfo=UTC),
    datetime(2106, 2, 7, 6, 28, 15, 999_999, tzinfo=UTC),
)

_ENTRIES: Final = f"""
SELECT {ENTRY} FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
    $6::numeric[], $7::timestamptz[])
    AS entry (shard, user_id, currency, sequence, amount, balance_after, posted_at)
"""


def entry(balance_after: int, posted_at: datetime) -> Entry:
    return Entry(settlement_account(3, "USD"), 1 << 40, -1, balance_after, posted_at)


@pytest.mark.parametrize(
    "entries",
    [
        [entry(high * (1 << 64) + low, TIMES[2]) for high in UPPER_HALVES for low in LOWER_HALVES],
        [entry(-1, time) for time in TIMES],
    ],
    ids=["balances of 128 bits", "times"],
)
async def test_entries_have_the_bytes_that_the_core_gives_them(
    postgres: LocalPostgres, entries: list[Entry]
) -> None:
    rows = [
        (*one.account, one.sequence, one.amount, one.balance_after, one.posted_at)
        for one in entries
    ]
    async with fresh_database(postgres) as database, database.as_role() as connection:
        found = await connection.fetch(_ENTRIES, *map(list, zip(*rows, strict=True)))

    assert [row[0] for row in found] == [entry_bytes(one) for one in entries]
