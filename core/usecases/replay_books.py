"""Decide everything anew from the command log, and compare it with what the books say."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from core.entities.audit import Counts
from core.entities.finding import Figure, Finding
from core.entities.page import Page
from core.entities.page_row import PageRow
from core.errors import DifferenceError
from core.ports.books_states import BooksStates
from core.ports.command_feed import CommandFeed
from core.ports.ledger import Ledger
from core.ports.pages import PageFeed
from core.proof.differences import transactions_off
from core.usecases.compare_states import CompareStates
from core.usecases.find_missing_pages import in_order
from core.usecases.reposting import Books, Reposting, as_marked
from core.usecases.verify_books import Checked

PAGES_AT_ONCE: Final = 1_000
ROUNDS: Final = 3
"""So often accounts that differ are looked at again, after what was posted meanwhile."""


class _CannotGoOnError(Exception):
    """A page cannot be posted again, so nothing after it can."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The books in question."""

    ledger: Ledger
    states: BooksStates


@dataclass(frozen=True, slots=True)
class Replayed:
    """Empty books that the log is posted into again, forgotten afterwards."""

    books: Books
    states: BooksStates


@dataclass(frozen=True, slots=True)
class ReplayBooks:
    """Posts every page that was told again, and compares each transaction, entry, dead letter and
    head, and in the end each account and hold.
    """

    kept: Kept
    replayed: Replayed
    feed: CommandFeed
    pages: PageFeed
    partition_count: int

    async def __call__(self) -> AsyncIterator[Checked]:
        """What was compared, page by page; the first page that cannot be posted again ends it.

        Raises `UnavailableError`, `HaltError`, `EventsLostError`.
        """
        done: set[int] = set()
        compare = CompareStates(due=self.replayed.states, found=self.kept.states)
        counts, findings = Counts(), list[Finding]()
        async with Reposting(
            self.replayed.books, self.feed, self.partition_count, as_marked
        ) as reposting:
            try:
                for _ in range(ROUNDS):
                    async for checked in self._replay(reposting, done):
                        yield checked
                    counts, differences = await compare()
                    findings = [*differences]
                    if not findings:
                        break
            except _CannotGoOnError:
                return
        yield Checked(counts, findings)

    async def _replay(self, reposting: Reposting, done: set[int]) -> AsyncIterator[Checked]:
        rows = iter(in_order([row async for row in self.pages.rows() if row.number not in done]))
        while batch := [*islice(rows, PAGES_AT_ONCE)]:
            heads = await self.kept.ledger.known_heads([row.number for row in batch])
            for row in batch:
                done.add(row.number)
                if row.number not in heads:
                    yield Checked(Counts(), [_off(Figure.PAGE, row, _named(row), None)])
                    continue
                try:
                    page = await reposting.post(row)
                except DifferenceError as error:
                    yield Checked(Counts(), [_off(Figure.REPLAY, row, None, str(error))])
                    raise _CannotGoOnError from error
                if page is not None:
                    yield await self._compared(row, page, heads)

    async def _compared(
        self, row: PageRow, page: Page, heads: Mapping[int, bytes | None]
    ) -> Checked:
        outcomes = await self.kept.ledger.outcomes(row.partition, row.first_offset, row.next_offset)
        findings = transactions_off(row.number, page.transactions, outcomes.transactions)
        due = [str(one.record.position) for one in page.dead_letters]
        found = [str(one.record.position) for one in outcomes.dead_letters]
        if due != found:
            findings.append(_off(Figure.DEAD_LETTERS, row, ", ".join(due), ", ".join(found)))
        head = heads[row.number]
        if row.head is not None and head != page.head:
            findings.append(_off(Figure.HEAD, row, _hex(page.head), _hex(head)))
        counts = Counts(
            pages=1,
            transactions=len(page.transactions),
            entries=sum(len(one.entries) for one in page.transactions),
        )
        return Checked(counts, findings)


def _off(figure: Figure, row: PageRow, due: str | None, found: str | None) -> Finding:
    return Finding(figure, due, found, page_number=row.number)


def _named(row: PageRow) -> str:
    return f"offsets {row.first_offset} to {row.next_offset - 1} of partition {row.partition}"


def _hex(head: bytes | None) -> str | None:
    return None if head is None else head.hex()
