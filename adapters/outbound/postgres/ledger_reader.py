"""The reading side of the books, in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from adapters.outbound.postgres.account_queries import (
    ACCOUNT,
    ACCOUNTS,
    ACCOUNTS_OF_USER,
    ENTRIES_ASCENDING,
    ENTRIES_DESCENDING,
)
from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.dead_letter_queries import HELD_DEAD_LETTER
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.hold_queries import HOLD, HOLDS_OF_USER
from adapters.outbound.postgres.hurry import within
from adapters.outbound.postgres.list_queries import FIRST_PAGES_FROM, NEWEST_PAGES, find_places
from adapters.outbound.postgres.page_queries import PAGE_OF
from adapters.outbound.postgres.period_query import BALANCES_AT, PERIOD
from adapters.outbound.postgres.position_queries import ALL, NEXT_OFFSETS
from adapters.outbound.postgres.rows import (
    account_of,
    balance_at_of,
    hold_of,
    log_position_of,
    posted_page_of,
    statement_entry_of,
    transactions_of,
)
from adapters.outbound.postgres.transaction_queries import BY_IDS, BY_KEY, BY_KEYS
from core.entities.account import Account, AccountKey, AccountStatus
from core.entities.hold import Hold, HoldPlace, HoldStatus
from core.entities.log_position import LogPosition
from core.entities.orders import CommandType
from core.entities.posted_page import PostedPage
from core.entities.shard import shard_of
from core.entities.statement import BalanceAt, Period, StatementEntry, StatementOrder
from core.entities.transaction import Transaction
from core.entities.transaction_id import shard_of_id
from core.entities.transaction_list import MAX_ENTRIES_LISTED, Found, Stretch, TransactionFilter

KEY_LOOKUP_SECONDS: Final = 1.0
_TOGETHER: Final = 100
"""Transactions of a list that are read at once: some have two hundred entries."""
_BEFORE_ALL: Final = AccountKey(-1, "", "")
_AFTER_ALL: Final = HoldPlace(datetime.max.replace(tzinfo=UTC), UUID(int=(1 << 128) - 1))


@dataclass(frozen=True, slots=True)
class PostgresLedgerReader:
    """A `LedgerReader`: each read is one statement, and sees one moment."""

    database: Database

    async def next_offsets(self) -> Mapping[int, int]:
        """How far each partition is posted."""
        async with self.database.connection() as connection:
            rows = await NEXT_OFFSETS.rows(connection)
        return {row["partition"]: row["next_offset"] for row in rows}

    async def positions(self) -> Mapping[int, LogPosition]:
        """Every partition's position."""
        async with self.database.connection() as connection:
            rows = await ALL.rows(connection)
        return {row["partition"]: log_position_of(row) for row in rows}

    async def transactions(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, Transaction]:
        """The decided ones among these ids."""
        ids = list(dict.fromkeys(transaction_ids))
        async with self.database.connection() as connection:
            rows = await BY_IDS.rows(
                connection, transaction_ids=ids, shards=[shard_of_id(one) for one in ids]
            )
        return {one.command.transaction_id: one for one in transactions_of(rows)}

    async def transaction_by_key(self, client: str, idempotency_key: str) -> Transaction | None:
        """The first transaction under this key."""
        return await within(KEY_LOOKUP_SECONDS, self._by_key(client, idempotency_key))

    async def _by_key(self, client: str, idempotency_key: str) -> Transaction | None:
        async with self.database.connection() as connection:
            rows = await BY_KEY.rows(connection, client=client, key=idempotency_key)
        return next(iter(transactions_of(rows)), None)

    async def transactions_by_keys(
        self, client: str, idempotency_keys: Sequence[str]
    ) -> Mapping[str, Transaction]:
        """The first transactions under these keys."""
        return await within(KEY_LOOKUP_SECONDS, self._by_keys(client, idempotency_keys))

    async def _by_keys(
        self, client: str, idempotency_keys: Sequence[str]
    ) -> Mapping[str, Transaction]:
        async with self.database.connection() as connection:
            rows = await BY_KEYS.rows(connection, client=client, keys=list(set(idempotency_keys)))
        return {one.command.idempotency_key or "": one for one in transactions_of(rows)}

    async def newest_pages(self) -> Mapping[int, int]:
        """The newest page of each partition."""
        return await self._pages(NEWEST_PAGES)

    async def first_pages_from(self, time: datetime) -> Mapping[int, int]:
        """The first page of each partition from a time on."""
        return await self._pages(FIRST_PAGES_FROM, time)

    async def _pages(self, query: str, *values: datetime) -> Mapping[int, int]:
        async with self.database.connection() as connection:
            with ledger_errors():
                rows = await connection.fetch(query, *values)
        return {row["partition"]: row["page_number"] for row in rows}

    async def page_of(self, transaction_id: UUID) -> PostedPage | None:
        """The page that decided or condemned this id."""
        async with self.database.connection() as connection:
            row = await PAGE_OF.row(
                connection, shard=shard_of_id(transaction_id), transaction_id=transaction_id
            )
        return None if row is None else posted_page_of(row)

    async def find(self, wanted: TransactionFilter, stretch: Stretch, limit: int) -> Found:
        """Transactions by place; they never change, so it does not matter when they are read."""
        async with self.database.connection() as connection:
            places = await find_places(connection, wanted, stretch, limit)
        transactions: list[Transaction] = []
        entries = 0
        for start in range(0, len(places.found), _TOGETHER):
            some = places.found[start : start + _TOGETHER]
            known = await self.transactions([one for one, _ in some])
            for one, place in some:
                transactions.append(known[one])
                entries += len(known[one].entries)
                if entries >= MAX_ENTRIES_LISTED:
                    is_last = len(transactions) == len(places.found)
                    return Found(transactions, places.reached if is_last else place)
        return Found(transactions, places.reached)

    async def is_dead_letter(self, transaction_id: UUID) -> bool:
        """Whether a record of this id waits for an operator."""
        async with self.database.connection() as connection:
            row = await HELD_DEAD_LETTER.row(connection, transaction_id=transaction_id)
        return row is not None

    async def account(self, key: AccountKey) -> Account | None:
        """The account, if it was ever opened."""
        async with self.database.connection() as connection:
            row = await ACCOUNT.row(connection, **key._asdict())
        return None if row is None else account_of(row)

    async def accounts(
        self,
        after: AccountKey | None,
        status: AccountStatus | None,
        currency: str | None,
        limit: int,
    ) -> Sequence[Account]:
        """Users' accounts by key."""
        async with self.database.connection() as connection:
            rows = await ACCOUNTS.rows(
                connection,
                **(after or _BEFORE_ALL)._asdict(),
                status=status,
                wanted_currency=currency,
                at_most=limit,
            )
        return [account_of(row) for row in rows]

    async def hold(self, hold_id: UUID) -> Hold | None:
        """The hold, if there is one."""
        async with self.database.connection() as connection:
            row = await HOLD.row(connection, shard=shard_of_id(hold_id), hold_id=hold_id)
        return None if row is None else hold_of(row)

    async def holds(
        self, user_id: str, status: HoldStatus | None, before: HoldPlace | None, limit: int
    ) -> Sequence[Hold]:
        """A user's holds, the newest first."""
        before_time, before_id = before or _AFTER_ALL
        async with self.database.connection() as connection:
            rows = await HOLDS_OF_USER.rows(
                connection,
                shard=shard_of(user_id),
                user_id=user_id,
                status=status,
                before_time=before_time,
                before_id=before_id,
                at_most=limit,
            )
        return [hold_of(row) for row in rows]

    async def period(
        self,
        key: AccountKey,
        since: datetime | None,
        until: datetime | None,
        through_sequence: int | None = None,
    ) -> Period | None:
        """The account's entries of a stretch of time."""
        async with self.database.connection() as connection:
            with ledger_errors():
                row = await connection.fetchrow(PERIOD, *key, since, until, through_sequence)
        if row is None:
            return None
        return Period(row["before"] + 1, row["last"], int(row["opening"]), int(row["closing"]))

    async def entries(
        self,
        key: AccountKey,
        first: int,
        last: int,
        order: StatementOrder,
        limit: int,
        *,
        kind: CommandType | None = None,
    ) -> Sequence[StatementEntry]:
        """Entries by sequence."""
        descending = order is StatementOrder.DESCENDING
        query = ENTRIES_DESCENDING if descending else ENTRIES_ASCENDING
        async with self.database.connection() as connection:
            rows = await query.rows(
                connection, **key._asdict(), first=first, last=last, kind=kind, at_most=limit
            )
        return [statement_entry_of(row) for row in rows]

    async def balances_at(
        self, user_id: str, currency: str | None, at: datetime
    ) -> Sequence[BalanceAt]:
        """Balances as they stood."""
        async with self.database.connection() as connection:
            with ledger_errors():
                rows = await connection.fetch(BALANCES_AT, shard_of(user_id), user_id, currency, at)
        return [balance_at_of(row) for row in rows]

    async def accounts_of(self, user_id: str) -> Sequence[Account]:
        """A user's accounts."""
        async with self.database.connection() as connection:
            rows = await ACCOUNTS_OF_USER.rows(connection, shard=shard_of(user_id), user_id=user_id)
        return [account_of(row) for row in rows]
