"""Checking the books against themselves, in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from adapters.outbound.postgres.audit.accounts import ACCOUNTS
from adapters.outbound.postgres.audit.chain import read_chain
from adapters.outbound.postgres.audit.holds import HOLDS
from adapters.outbound.postgres.audit.pages import PAGES
from adapters.outbound.postgres.audit.partitions import PARTITIONS
from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.errors import ledger_errors
from core.entities.account import AccountKey, settlement_account, user_account
from core.entities.audit import (
    MAX_SLICE_FINDINGS,
    AccountPlace,
    ChainPlace,
    Counts,
    HoldPlace,
    PagePlace,
    Slice,
)
from core.entities.finding import Figure, Finding
from core.proof.checking import off_heads

# A slice is compared as a whole: joins by the thousand, unlike all that posting and reading ask.
_PLANNING: Final = """
SELECT set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true),
    set_config('work_mem', '32MB', true)
"""
_CHAIN: Final = "SELECT secret FROM log_position WHERE partition = $1"
_BEFORE_ALL_ACCOUNTS: Final = AccountPlace(AccountKey(-1, "", ""))
_BEFORE_ALL_HOLDS: Final = HoldPlace(-1, UUID(int=0))
_BEFORE_ALL_PAGES: Final = PagePlace(0, -(1 << 63))


@dataclass(frozen=True, slots=True)
class PostgresBooksAudit:
    """`BooksAudit` in PostgreSQL."""

    database: Database

    async def partitions(self) -> Sequence[int]:
        """Every partition that the books know of."""
        async with self._comparing() as connection:
            return [row["partition"] for row in await connection.fetch(PARTITIONS)]

    async def accounts(
        self, shards: Sequence[int], begin: AccountPlace | None, limit: int
    ) -> Slice[AccountPlace]:
        """A slice of accounts with their entries."""
        place = begin or _BEFORE_ALL_ACCOUNTS
        async with self._comparing() as connection:
            rows = await connection.fetch(
                ACCOUNTS,
                *(list(shards), *place.account, place.sequence, str(place.balance)),
                *(place.posted_at, limit, MAX_SLICE_FINDINGS),
            )
        counts = Counts(accounts=rows[0]["accounts"], entries=rows[0]["entries"])
        return Slice(counts, _findings(rows), _account_place(rows[0]))

    async def holds(
        self, shards: Sequence[int], begin: HoldPlace | None, limit: int
    ) -> Slice[HoldPlace]:
        """A slice of holds."""
        place = begin or _BEFORE_ALL_HOLDS
        async with self._comparing() as connection:
            rows = await connection.fetch(HOLDS, list(shards), *place, limit, MAX_SLICE_FINDINGS)
        return Slice(Counts(holds=rows[0]["holds"]), _findings(rows), _hold_place(rows[0]))

    async def pages(self, partition: int, begin: PagePlace | None, limit: int) -> Slice[PagePlace]:
        """A slice of pages with their transactions."""
        place = begin or _BEFORE_ALL_PAGES
        async with self._comparing() as connection:
            rows = await connection.fetch(PAGES, partition, *place, limit, MAX_SLICE_FINDINGS)
        first = rows[0]
        counts = Counts(pages=first["pages"], transactions=first["transactions"])
        reached = place.next_offset if first["next_offset"] is None else first["next_offset"]
        next_place = PagePlace(first["through"], reached) if first["is_cut"] else None
        return Slice(counts, _findings(rows), next_place)

    async def chain(
        self, partition: int, begin: ChainPlace | None, limit: int
    ) -> Slice[ChainPlace]:
        """A stretch of the partition's chain."""
        place = begin or ChainPlace()
        async with self.database.connection() as connection:
            with ledger_errors():
                secret = await connection.fetchval(_CHAIN, partition)
                pages, is_cut = await read_chain(connection, partition, secret or b"", place, limit)
        findings, reached = off_heads(place, pages)
        counts = Counts(chained_pages=len(pages))
        return Slice(counts, findings[:MAX_SLICE_FINDINGS], reached if is_cut else None)

    @asynccontextmanager
    async def _comparing(self) -> AsyncIterator[Connection]:
        async with self.database.connection() as connection:
            with ledger_errors():
                async with connection.transaction():
                    await connection.execute(_PLANNING)
                    yield connection


def _account_place(row: asyncpg.Record) -> AccountPlace | None:
    if not row["is_cut"]:
        return None
    key = AccountKey(row["next_shard"], row["next_user_id"], row["next_currency"])
    return AccountPlace(key, row["next_sequence"], int(row["next_balance"]), row["next_posted_at"])


def _hold_place(row: asyncpg.Record) -> HoldPlace | None:
    if row["next_hold_id"] is None:
        return None
    return HoldPlace(row["next_shard"], UUID(int=row["next_hold_id"].int))


def _findings(rows: Sequence[asyncpg.Record]) -> Sequence[Finding]:
    return [_finding(row) for row in rows if row["figure"] is not None]


def _finding(row: asyncpg.Record) -> Finding:
    transaction_id = row["transaction_id"]
    return Finding(
        Figure(row["figure"]),
        row["due"],
        row["found"],
        _account(row),
        row["sequence"],
        None if transaction_id is None else UUID(int=transaction_id.int),
        row["page_number"],
    )


def _account(row: asyncpg.Record) -> AccountKey | None:
    """Of an entry that is not there the shard is known by its user, or by its partition."""
    shard, user_id, currency = row["shard"], row["user_id"], row["currency"]
    if user_id is None or shard is not None:
        return None if user_id is None else AccountKey(shard, user_id, currency)
    key = user_account(user_id, currency)
    return (
        settlement_account(int(user_id.partition(":")[2]), currency) if key.is_settlement else key
    )
