"""The present state of everything that has one, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.rows import account_of, hold_of
from core.entities.account import Account, AccountKey
from core.entities.audit import HoldPlace
from core.entities.hold import Hold

_BEFORE_ALL_ACCOUNTS: Final = AccountKey(-1, "", "")
_BEFORE_ALL_HOLDS: Final = HoldPlace(-1, UUID(int=0))

# An account that is not opened is there only while somebody posts to it.
_ACCOUNTS: Final = """
SELECT shard, user_id, currency, balance::text, held, overdraft_limit, status, sequence, opened_at,
       last_entry_at, metadata
FROM account WHERE (shard, user_id, currency) > ($1, $2, $3) AND opened_at IS NOT NULL
ORDER BY shard, user_id, currency LIMIT $4
"""
_HOLDS: Final = """
SELECT * FROM hold WHERE (shard, hold_id) > ($1, $2) ORDER BY shard, hold_id LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class PostgresBooksStates:
    """`BooksStates` in PostgreSQL."""

    database: Database

    async def accounts_after(self, after: AccountKey | None, limit: int) -> Sequence[Account]:
        """Accounts by key."""
        async with self.database.connection() as connection:
            with ledger_errors():
                rows = await connection.fetch(_ACCOUNTS, *(after or _BEFORE_ALL_ACCOUNTS), limit)
        return [account_of(row) for row in rows]

    async def holds_after(self, after: HoldPlace | None, limit: int) -> Sequence[Hold]:
        """Holds by shard and id."""
        async with self.database.connection() as connection:
            with ledger_errors():
                rows = await connection.fetch(_HOLDS, *(after or _BEFORE_ALL_HOLDS), limit)
        return [hold_of(row) for row in rows]
