"""The reading side of the books."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.entities.account import Account, AccountKey, AccountStatus
from core.entities.hold import Hold, HoldPlace, HoldStatus
from core.entities.log_position import LogPosition
from core.entities.orders import CommandType
from core.entities.posted_page import PostedPage
from core.entities.statement import BalanceAt, Period, StatementEntry, StatementOrder
from core.entities.transaction import Transaction
from core.entities.transaction_list import Found, Stretch, TransactionFilter


class LedgerReader(Protocol):
    """Reads committed state only; a transaction's entries are seen together or not at all.

    All methods raise `LedgerUnavailableError` when the ledger is away or takes too long.
    """

    async def next_offsets(self) -> Mapping[int, int]:
        """For each partition that is posted from, the first offset not yet posted.

        Without those that are halted: what lies in their log now may not be what was posted.
        """
        ...

    async def positions(self) -> Mapping[int, LogPosition]:
        """The position of each partition that was ever taken over."""
        ...

    async def transactions(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, Transaction]:
        """The decided transactions among these ids; at most 1,000 ids."""
        ...

    async def transaction_by_key(self, client: str, idempotency_key: str) -> Transaction | None:
        """The first transaction that the client made under this idempotency key.

        Gives up after a second: a command waits for it, and can be accepted without.
        """
        ...

    async def transactions_by_keys(
        self, client: str, idempotency_keys: Sequence[str]
    ) -> Mapping[str, Transaction]:
        """The same for many keys at once, at most 1,000; those that are unknown are absent."""
        ...

    async def newest_pages(self) -> Mapping[int, int]:
        """For each partition with transactions the number of the newest page that holds some."""
        ...

    async def first_pages_from(self, time: datetime) -> Mapping[int, int]:
        """For each partition the number of the first page with a transaction that was accepted at
        `time` or later; partitions without one are absent.
        """
        ...

    async def page_of(self, transaction_id: UUID) -> PostedPage | None:
        """The page in which this id was decided, or, if it is not, condemned last; None if the
        ledger knows neither.
        """
        ...

    async def find(self, wanted: TransactionFilter, stretch: Stretch, limit: int) -> Found:
        """At most `limit` transactions of the stretch, in its direction; fewer where
        `MAX_TRANSACTIONS_LOOKED_AT` of a partition had to be looked at, or `MAX_ENTRIES_LISTED`
        were found.
        """
        ...

    async def is_dead_letter(self, transaction_id: UUID) -> bool:
        """Whether a record of this id waits for an operator."""
        ...

    async def account(self, key: AccountKey) -> Account | None:
        """The account; None if it was never opened."""
        ...

    async def accounts(
        self,
        after: AccountKey | None,
        status: AccountStatus | None,
        currency: str | None,
        limit: int,
    ) -> Sequence[Account]:
        """At most `limit` accounts of users, in the order of their keys, from `after` (excluded)
        on; those with this status and this currency, if one is given.
        """
        ...

    async def hold(self, hold_id: UUID) -> Hold | None:
        """The hold; None if there is none, or not yet."""
        ...

    async def holds(
        self, user_id: str, status: HoldStatus | None, before: HoldPlace | None, limit: int
    ) -> Sequence[Hold]:
        """At most `limit` holds of a user, in all currencies, the newest first, from `before`
        (excluded) on; those with this status, if one is given.
        """
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
        self,
        key: AccountKey,
        first: int,
        last: int,
        order: StatementOrder,
        limit: int,
        *,
        kind: CommandType | None = None,
    ) -> Sequence[StatementEntry]:
        """At most `limit` entries with sequences `first` to `last`, in `order`; those of
        transactions of one kind, if one is given.
        """
        ...

    async def balances_at(
        self, user_id: str, currency: str | None, at: datetime
    ) -> Sequence[BalanceAt]:
        """The user's accounts (that in `currency`, or else all) by currency, as they stood after
        the last entry that was posted at `at` or before.
        """
        ...

    async def accounts_of(self, user_id: str) -> Sequence[Account]:
        """The user's accounts, by currency."""
        ...
