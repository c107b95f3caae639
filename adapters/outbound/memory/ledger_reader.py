"""The reading side of the books, in memory."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.transaction_list import find
from core.entities.account import Account, AccountKey, AccountStatus
from core.entities.hold import Hold, HoldPlace, HoldStatus
from core.entities.log_position import LogPosition
from core.entities.orders import CaptureHold, CommandType, Reverse
from core.entities.page_row import PageRow
from core.entities.posted_page import PostedPage
from core.entities.statement import BalanceAt, Period, StatementEntry, StatementOrder
from core.entities.transaction import Entry, Transaction
from core.entities.transaction_list import Found, Stretch, TransactionFilter


class MemoryLedgerReader:
    """A `LedgerReader` over `MemoryBooks`."""

    def __init__(self, books: MemoryBooks) -> None:
        self._books = books

    async def next_offsets(self) -> Mapping[int, int]:
        """How far each partition is posted."""
        return {
            number: one.next_offset
            for number, one in self._books.positions.items()
            if one.halted is None
        }

    async def positions(self) -> Mapping[int, LogPosition]:
        """Every partition's position."""
        return dict(self._books.positions)

    async def transactions(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, Transaction]:
        """The decided ones among these ids."""
        known = self._books.transactions
        return {one: known[one] for one in transaction_ids if one in known}

    async def transaction_by_key(self, client: str, idempotency_key: str) -> Transaction | None:
        """The first transaction under this key."""
        return self._books.by_key.get((client, idempotency_key))

    async def transactions_by_keys(
        self, client: str, idempotency_keys: Sequence[str]
    ) -> Mapping[str, Transaction]:
        """The first transactions under these keys."""
        known = self._books.by_key
        return {one: known[client, one] for one in idempotency_keys if (client, one) in known}

    async def newest_pages(self) -> Mapping[int, int]:
        """The newest page of each partition."""
        return {one.run.partition: one.number for one in self._books.pages if one.page.transactions}

    async def first_pages_from(self, time: datetime) -> Mapping[int, int]:
        """The first page of each partition from a time on."""
        first: dict[int, int] = {}
        for number, run, page, _ in self._books.pages:
            if any(one.accepted_at >= time for one in page.transactions):
                first.setdefault(run.partition, number)
        return first

    async def page_of(self, transaction_id: UUID) -> PostedPage | None:
        """The page that decided or condemned this id."""
        condemning: PostedPage | None = None
        for stored in self._books.pages:
            if any(
                one.command.transaction_id == transaction_id for one in stored.page.transactions
            ):
                return _posted_page(self._books.row(stored))
            if any(one.transaction_id == transaction_id for one in stored.page.dead_letters):
                condemning = _posted_page(self._books.row(stored))
        return condemning

    async def find(self, wanted: TransactionFilter, stretch: Stretch, limit: int) -> Found:
        """Transactions by place."""
        return find(self._books.pages, wanted, stretch, limit)

    async def is_dead_letter(self, transaction_id: UUID) -> bool:
        """Whether a record of this id waits for an operator."""
        return transaction_id not in self._books.transactions and any(
            one.transaction_id == transaction_id for one in self._books.dead_letters
        )

    async def account(self, key: AccountKey) -> Account | None:
        """The account, if it was ever opened."""
        return self._books.accounts.get(key)

    async def accounts(
        self,
        after: AccountKey | None,
        status: AccountStatus | None,
        currency: str | None,
        limit: int,
    ) -> Sequence[Account]:
        """Users' accounts by key."""
        chosen = [
            account
            for key, account in sorted(self._books.accounts.items())
            if not key.is_settlement
            and (after is None or key > after)
            and status in {None, account.status}
            and currency in {None, key.currency}
        ]
        return chosen[:limit]

    async def hold(self, hold_id: UUID) -> Hold | None:
        """The hold, if there is one."""
        return self._books.holds.get(hold_id)

    async def holds(
        self, user_id: str, status: HoldStatus | None, before: HoldPlace | None, limit: int
    ) -> Sequence[Hold]:
        """A user's holds, the newest first."""
        chosen = [
            (HoldPlace(one.placed_at, one.hold_id), one)
            for one in self._books.holds.values()
            if one.account.user_id == user_id and status in {None, one.status}
        ]
        chosen.sort(reverse=True)
        return [one for place, one in chosen if before is None or place < before][:limit]

    async def period(
        self,
        key: AccountKey,
        since: datetime | None,
        until: datetime | None,
        through_sequence: int | None = None,
    ) -> Period | None:
        """The account's entries of a stretch of time."""
        entries = [entry for entry, _ in self._books.entries.get(key, [])]
        if not entries:
            return None
        times = [entry.posted_at for entry in entries]
        before = 0 if since is None else bisect_left(times, since)
        last = len(entries) if until is None else bisect_left(times, until)
        if through_sequence is not None:
            last = min(last, through_sequence)
        last = max(last, before)
        return Period(
            before + 1, last, _balance_after(entries, before), _balance_after(entries, last)
        )

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
        chosen = [
            _statement_entry(entry, transaction)
            for entry, transaction in self._books.entries.get(key, [])
            if first <= entry.sequence <= last and kind in {None, transaction.command.type}
        ]
        if order is StatementOrder.DESCENDING:
            chosen.reverse()
        return chosen[:limit]

    async def balances_at(
        self, user_id: str, currency: str | None, at: datetime
    ) -> Sequence[BalanceAt]:
        """Balances as they stood."""
        return [
            self._balance_at(account.key, at)
            for account in await self.accounts_of(user_id)
            if currency in {None, account.key.currency}
        ]

    async def accounts_of(self, user_id: str) -> Sequence[Account]:
        """A user's accounts."""
        return [
            account
            for key, account in sorted(self._books.accounts.items())
            if key.user_id == user_id
        ]

    def _balance_at(self, key: AccountKey, at: datetime) -> BalanceAt:
        by_then = [one for one, _ in self._books.entries.get(key, []) if one.posted_at <= at]
        if not by_then:
            return BalanceAt(key, 0, 0, None)
        last = by_then[-1]
        return BalanceAt(key, last.balance_after, last.sequence, last.posted_at)


def _posted_page(row: PageRow) -> PostedPage:
    return PostedPage(*(getattr(row, name) for name in PostedPage._fields))


def _balance_after(entries: Sequence[Entry], sequence: int) -> int:
    return entries[sequence - 1].balance_after if sequence > 0 else 0


def _statement_entry(entry: Entry, transaction: Transaction) -> StatementEntry:
    command = transaction.command
    order = command.order
    # Legs come in pairs, who paid and who received.
    other = transaction.entries[transaction.entries.index(entry) ^ 1].account
    return StatementEntry(
        sequence=entry.sequence,
        transaction_id=command.transaction_id,
        type=command.type,
        amount=entry.amount,
        balance_after=entry.balance_after,
        posted_at=entry.posted_at,
        reference=command.reference,
        other_user_id=None if other.is_settlement else other.user_id,
        reverses=order.reversed_id if isinstance(order, Reverse) else None,
        hold_id=order.hold_id if isinstance(order, CaptureHold) else None,
    )
