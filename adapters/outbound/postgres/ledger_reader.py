"""The reading side of the books, in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.outbound.postgres.account_queries import (
    ACCOUNT,
    ENTRIES_ASCENDING,
    ENTRIES_DESCENDING,
)
from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.dead_letter_queries import HELD_DEAD_LETTER
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.hurry import within
from adapters.outbound.postgres.period_query import PERIOD
from adapters.outbound.postgres.position_queries import NEXT_OFFSETS
from adapters.outbound.postgres.rows import account_of, statement_entry_of, transactions_of
from adapters.outbound.postgres.transaction_queries import BY_IDS, BY_KEY
from core.entities.account import Account, AccountKey
from core.entities.statement import Period, StatementEntry, StatementOrder
from core.entities.transaction import Transaction
from core.entities.transaction_id import shard_of_id

KEY_LOOKUP_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class PostgresLedgerReader:
    """A `LedgerReader`: each read is one statement, and sees one moment."""

    database: Database

    async def next_offsets(self) -> Mapping[int, int]:
        """How far each partition is posted."""
        async with self.database.connection() as connection:
            rows = await NEXT_OFFSETS.rows(connection)
        return {row["partition"]: row["next_offset"] for row in rows}

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

    async def is_dead_letter(self, transaction_id: UUID) -> bool:
        """Whether a record of this id waits for an operator."""
        async with self.database.connection() as connection:
            row = await HELD_DEAD_LETTER.row(connection, transaction_id=transaction_id)
        return row is not None

    async def account(self, key: AccountKey) -> Account | None:
        """The account, if anything was ever posted to it."""
        async with self.database.connection() as connection:
            row = await ACCOUNT.row(connection, **key._asdict())
        return None if row is None else account_of(row)

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
        self, key: AccountKey, first: int, last: int, order: StatementOrder, limit: int
    ) -> Sequence[StatementEntry]:
        """Entries by sequence."""
        descending = order is StatementOrder.DESCENDING
        query = ENTRIES_DESCENDING if descending else ENTRIES_ASCENDING
        async with self.database.connection() as connection:
            rows = await query.rows(
                connection, **key._asdict(), first=first, last=last, at_most=limit
            )
        return [statement_entry_of(row) for row in rows]
