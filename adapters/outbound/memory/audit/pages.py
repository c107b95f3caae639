"""A slice of a partition's pages with their transactions and entries, in memory."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks, StoredPage
from core.entities.account import AccountKey
from core.entities.audit import MAX_SLICE_FINDINGS, Counts, PagePlace, Slice
from core.entities.finding import Figure, Finding
from core.entities.orders import PlaceHold, Reverse
from core.entities.page import taken_back
from core.entities.transaction import Entry, Transaction


class PageSlice:
    """What the pages of a slice have of what they counted."""

    def __init__(self, books: MemoryBooks, partition: int) -> None:
        self._books = books
        self._pages = [one for one in books.pages if one.run.partition == partition]
        self._partition = partition
        self._entries: dict[UUID, list[Entry]] = {}
        for entries in books.entries.values():
            for entry, transaction in entries:
                self._entries.setdefault(transaction.command.transaction_id, []).append(entry)

    def checked(self, begin: PagePlace | None, limit: int) -> Slice[PagePlace]:
        """The slice."""
        rest = [one for one in self._pages if begin is None or one.number > begin.number]
        listed = list(_whole(rest, limit))
        place = begin or PagePlace(0, 0)
        findings: list[Finding] = []
        for stored in listed:
            findings += self._page(stored, place)
            place = PagePlace(stored.number, stored.run.next_offset)
        is_cut = len(listed) < len(rest)
        if not is_cut:
            findings += self._position(place)
        counts = Counts(
            pages=len(listed), transactions=sum(len(one.page.transactions) for one in listed)
        )
        return Slice(counts, findings[:MAX_SLICE_FINDINGS], place if is_cut else None)

    def _page(self, stored: StoredPage, before: PagePlace) -> Iterator[Finding]:
        number, run, counted = stored.number, stored.run, stored.page.transactions
        due = self._begins(before, number)
        if run.first_offset != due:
            yield _of_page(Figure.FIRST_OFFSET, due, run.first_offset, number)
        there = [
            found
            for one in counted
            if (found := self._books.transactions.get(one.command.transaction_id)) is not None
        ]
        if len(there) != len(counted):
            yield _of_page(Figure.TRANSACTION_COUNT, len(counted), len(there), number)
        entries_due = sum(len(one.entries) for one in counted)
        entries = sum(len(self._entries.get(one.command.transaction_id, ())) for one in there)
        if entries != entries_due:
            yield _of_page(Figure.ENTRY_COUNT, entries_due, entries, number)
        for one in there:
            yield from self._transaction(one, number)
        for one in counted:
            if one.command.transaction_id not in self._books.transactions:
                yield from self._differing(one, (), number)

    def _transaction(self, one: Transaction, number: int) -> Iterator[Finding]:
        transaction_id, order = one.command.transaction_id, one.command.order
        yield from self._differing(one, one.entries, number)
        if one.rejection is not None:
            return
        if isinstance(order, PlaceHold) and transaction_id not in self._books.holds:
            amount = str(order.money.amount)
            yield Finding(Figure.HOLD, amount, None, None, None, transaction_id, number)
        if isinstance(order, Reverse):
            yield from self._reversed(order.reversed_id, transaction_id, number)

    def _reversed(self, reversed_id: UUID, transaction_id: UUID, number: int) -> Iterator[Finding]:
        taken = sum(
            taken_back(one.money)
            for one in self._books.transactions.values()
            if isinstance(one.command.order, Reverse)
            and one.command.order.reversed_id == reversed_id
            and one.rejection is None
        )
        earlier = self._books.transactions.get(reversed_id)
        reversible = 0 if earlier is None else taken_back(earlier.money)
        if taken > reversible:
            due, found = str(reversible), str(taken)
            yield Finding(Figure.REVERSED, due, found, None, None, transaction_id, number)

    def _differing(
        self, one: Transaction, entries: Sequence[Entry], number: int
    ) -> Iterator[Finding]:
        transaction_id = one.command.transaction_id
        there = self._entries.get(transaction_id, ())
        found, due = _by_account(there), _by_account(entries)
        for account in sorted(found.keys() | due.keys()):
            amount, amount_due = found.get(account), due.get(account)
            if amount != amount_due:
                is_both = amount is not None and amount_due is not None
                figure = Figure.ENTRY_AMOUNT if is_both else Figure.ENTRY
                sequence = next((one.sequence for one in there if one.account == account), None)
                yield Finding(
                    figure,
                    None if amount_due is None else str(amount_due),
                    None if amount is None else str(amount),
                    account,
                    sequence,
                    transaction_id,
                    number,
                )

    def _position(self, last: PagePlace) -> Iterator[Finding]:
        position = self._books.positions.get(self._partition)
        found = None if position is None else position.next_offset
        due = self._begins(last, len(self._books.pages) + 1)
        if found != due and (self._pages or found is not None):
            yield _of_page(Figure.NEXT_OFFSET, due, found, last.number or None)

    def _begins(self, before: PagePlace, number: int) -> int:
        """Where the page `number` begins, or would: an operator may have moved it."""
        for one in reversed(self._books.resumptions):
            if one.partition == self._partition and before.number <= one.last_page_number < number:
                return one.at_offset
        return before.next_offset


def _whole(pages: Sequence[StoredPage], limit: int) -> Iterator[StoredPage]:
    """Pages until their transactions are enough."""
    room = limit
    for number, one in enumerate(pages):
        room -= len(one.page.transactions)
        if number and (room < 0 or number == limit):
            return
        yield one


def _of_page(figure: Figure, due: int, found: int | None, number: int | None) -> Finding:
    return Finding(figure, str(due), None if found is None else str(found), page_number=number)


def _by_account(entries: Sequence[Entry]) -> dict[AccountKey, int]:
    amounts: dict[AccountKey, int] = {}
    for one in entries:
        amounts[one.account] = amounts.get(one.account, 0) + one.amount
    return amounts
