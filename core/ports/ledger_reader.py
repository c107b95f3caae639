"""The reading side of the books."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.entities.account import Account, AccountKey
from core.entities.statement import Period, StatementEntry, StatementOrder
from core.entities.transaction import Transaction


class LedgerReader(Protocol):
    """Reads committed state only; a transaction's entries are seen together or not at all.

    All methods raise `LedgerUnavailableError` when the ledger is away or takes too long.
    """

    async def next_offsets(self) -> Mapping[int, int]:
        """For each partition that is posted from, the first offset not yet posted.

        Without those that are halted: what lies in their log now may not be what was posted.
        """
        ...

    async def transactions(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, Transaction]:
        """The decided transactions among these ids; at most 1,000 ids."""
        ...

    async def transaction_by_key(self, client: str, idempotency_key: str) -> Transaction | None:
        """The first transaction that the client made under this idempotency key.

        Gives up after a second: a command waits for it, and can be accepted without.
        """
        ...

    async def is_dead_letter(self, transaction_id: UUID) -> bool:
        """Whether a record of this id waits for an operator."""
        ...

    async def account(self, key: AccountKey) -> Account | None:
        """The account; None if nothing was ever posted to it."""
        ...

    async def period(
        self,
        key: AccountKey,
        since: datetime | None,
        until: datetime | None,
        through_sequence: int | None = None,
    ) -> Period | None:
        """The account's entries from `since` (included) to `until` (not), none of them after
        `through_sequence`; None if nothing was ever posted to the account.
        """
        ...

    async def entries(
        self, key: AccountKey, first: int, last: int, order: StatementOrder, limit: int
    ) -> Sequence[StatementEntry]:
        """At most `limit` entries with sequences `first` to `last`, in `order`."""
        ...
