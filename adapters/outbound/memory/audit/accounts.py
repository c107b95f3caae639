"""A slice of accounts with their entries, in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from adapters.outbound.memory.audit.places import page_numbers
from adapters.outbound.memory.books import MemoryBooks
from adapters.representations import time_text
from core.entities.account import Account, AccountKey, AccountStatus, user_account
from core.entities.audit import MAX_SLICE_FINDINGS, AccountPlace, Counts, Slice
from core.entities.finding import Figure, Finding
from core.entities.orders import ChangeAccount
from core.entities.transaction import Entry, Transaction

_NOTHING: Final[Sequence[tuple[Entry, Transaction]]] = ()


class _Given(NamedTuple):
    """What an account was given, and the largest limit of all."""

    overdraft_limit: int = 0
    status: AccountStatus = AccountStatus.OPEN
    largest_limit: int = 0


class AccountSlice:
    """What the accounts of one slice come to. It ends in an account that the next begins with."""

    def __init__(self, books: MemoryBooks, begin: AccountPlace | None, limit: int) -> None:
        self._books = books
        self._begin = begin
        self._limit = limit
        self._page_numbers = page_numbers(books)
        self._given = _given(books)
        self._held = _held(books)
        self._findings: list[Finding] = []
        self._accounts = 0
        self._entries = 0

    def checked(self, shards: Sequence[int]) -> Slice[AccountPlace]:
        """The slice."""
        place = self._end(shards)
        counts = Counts(accounts=self._accounts, entries=self._entries)
        return Slice(counts, self._findings[:MAX_SLICE_FINDINGS], place)

    def _end(self, shards: Sequence[int]) -> AccountPlace | None:
        known = self._books.accounts.keys() | self._books.entries.keys() | self._held.keys()
        first = None if self._begin is None else self._begin.account
        for key in sorted(one for one in known | self._given.keys() if one.shard in shards):
            if first is not None and key < first:
                continue
            place = self._begin if self._begin and key == first else AccountPlace(key)
            if self._accounts == self._limit:
                return place
            rest = self._books.entries.get(key, _NOTHING)[_index(self._books, place) :]
            room = self._limit - self._entries
            reached = self._chain(place, rest[:room])
            if len(rest) >= room:
                return reached
            self._compare(reached, rest[-1][1] if rest else None)
        return None

    def _chain(
        self, place: AccountPlace, entries: Sequence[tuple[Entry, Transaction]]
    ) -> AccountPlace:
        is_chained = True
        least = 0 if place.account.is_settlement else -self._largest_limit(place.account)
        for entry, transaction in entries:
            if is_chained:
                found = list(_unchained(place, entry))
                self._tell(found, entry, transaction)
                is_chained = not found
            if entry.balance_after < least and not place.account.is_settlement:
                below = (Figure.OVERDRAFT, str(least), str(entry.balance_after))
                self._tell([below], entry, transaction)
                least = entry.balance_after
            place = AccountPlace(
                place.account, entry.sequence, entry.balance_after, entry.posted_at
            )
            self._entries += 1
        return place

    def _tell(
        self, found: Sequence[tuple[Figure, str, str]], entry: Entry, transaction: Transaction
    ) -> None:
        transaction_id = transaction.command.transaction_id
        self._findings += [
            Finding(
                *figure,
                entry.account,
                entry.sequence,
                transaction_id,
                self._page_numbers.get(transaction_id),
            )
            for figure in found
        ]

    def _compare(self, reached: AccountPlace, last: Transaction | None) -> None:
        key = reached.account
        account = self._books.accounts.get(key)
        self._accounts += account is not None
        given = self._given.get(key, _Given())
        due = Account(
            key,
            balance=reached.balance,
            held=self._held.get(key, 0),
            overdraft_limit=given.overdraft_limit,
            status=given.status,
            sequence=reached.sequence,
            last_entry_at=reached.posted_at,
        )
        number = None if last is None else self._page_numbers.get(last.command.transaction_id)
        self._findings += [
            Finding(*figure, account=key, page_number=number) for figure in _differing(due, account)
        ]

    def _largest_limit(self, key: AccountKey) -> int:
        account = self._books.accounts.get(key)
        present = 0 if account is None else account.overdraft_limit
        return max(present, self._given.get(key, _Given()).largest_limit)


def _unchained(place: AccountPlace, entry: Entry) -> Iterator[tuple[Figure, str, str]]:
    if entry.sequence != place.sequence + 1:
        yield Figure.ENTRY_SEQUENCE, str(place.sequence + 1), str(entry.sequence)
    if entry.balance_after != place.balance + entry.amount:
        due = place.balance + entry.amount
        yield Figure.BALANCE_AFTER, str(due), str(entry.balance_after)
    if place.posted_at is not None and entry.posted_at < place.posted_at:
        yield Figure.POSTED_AT, time_text(place.posted_at), time_text(entry.posted_at)


def _differing(
    due: Account, account: Account | None
) -> Iterator[tuple[Figure, str | None, str | None]]:
    for figure in (
        Figure.BALANCE,
        Figure.SEQUENCE,
        Figure.LAST_ENTRY_AT,
        Figure.HELD,
        Figure.OVERDRAFT_LIMIT,
        Figure.STATUS,
    ):
        expected = getattr(due, figure.value)
        found = None if account is None else getattr(account, figure.value)
        if expected != found:
            yield figure, _text(expected), _text(found)
    if account is not None and not account.key.is_settlement and account.available < 0:
        yield Figure.AVAILABLE, "0", str(account.available)


def _text(value: object) -> str | None:
    if isinstance(value, datetime):
        return time_text(value)
    return None if value is None else str(value)


def _index(books: MemoryBooks, place: AccountPlace) -> int:
    """How many of the account's entries come before the place."""
    entries = books.entries.get(place.account, _NOTHING)
    return sum(1 for entry, _ in entries if entry.sequence <= place.sequence)


def _held(books: MemoryBooks) -> dict[AccountKey, int]:
    held: dict[AccountKey, int] = {}
    for hold in books.holds.values():
        if hold.remaining:
            held[hold.account] = held.get(hold.account, 0) + hold.remaining
    return held


def _given(books: MemoryBooks) -> dict[AccountKey, _Given]:
    given: dict[AccountKey, _Given] = {}
    for one in books.transactions.values():
        order = one.command.order
        if isinstance(order, ChangeAccount) and one.rejection is None:
            key = user_account(order.user_id, order.currency)
            before = given.get(key, _Given())
            limit = before.overdraft_limit
            limit = limit if order.overdraft_limit is None else order.overdraft_limit
            status = before.status if order.status is None else order.status
            given[key] = _Given(limit, status, max(limit, before.largest_limit))
    return given
