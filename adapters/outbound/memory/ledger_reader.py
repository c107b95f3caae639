"""The reading side of the books, in memory."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks
from core.entities.account import Account, AccountKey
from core.entities.statement import Period, StatementEntry, StatementOrder
from core.entities.transaction import Entry, Transaction


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

    async def transactions(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, Transaction]:
        """The decided ones among these ids."""
        known = self._books.transactions
        return {one: known[one] for one in transaction_ids if one in known}

    async def transaction_by_key(self, client: str, idempotency_key: str) -> Transaction | None:
        """The first transaction under this key."""
        return self._books.by_key.get((client, idempotency_key))

    async def is_dead_letter(self, transaction_id: UUID) -> bool:
        """Whether a record of this id waits for an operator."""
        return any(one.transaction_id == transaction_id for one in self._books.dead_letters)

    async def account(self, key: AccountKey) -> Account | None:
        """The account, if anything was ever posted to it."""
        return self._books.accounts.get(key)

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
        self, key: AccountKey, first: int, last: int, order: StatementOrder, limit: int
    ) -> Sequence[StatementEntry]:
        """Entries by sequence."""
        chosen = [
            _statement_entry(entry, transaction)
            for entry, transaction in self._books.entries.get(key, [])
            if first <= entry.sequence <= last
        ]
        if order is StatementOrder.DESCENDING:
            chosen.reverse()
        return chosen[:limit]


def _balance_after(entries: Sequence[Entry], sequence: int) -> int:
    return entries[sequence - 1].balance_after if sequence > 0 else 0


def _statement_entry(entry: Entry, transaction: Transaction) -> StatementEntry:
    command = transaction.command
    return StatementEntry(
        sequence=entry.sequence,
        transaction_id=command.transaction_id,
        type=command.type,
        amount=entry.amount,
        balance_after=entry.balance_after,
        posted_at=entry.posted_at,
        reference=command.reference,
    )
