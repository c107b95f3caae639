"""What must hold of the pages that are told, and of books made of them."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from adapters.outbound.memory.audit.books_audit import MemoryBooksAudit
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.command_feed import MemoryCommandFeed
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.partitions import MemoryPartitions
from core.entities.account import AccountKey
from core.entities.command import LoggedCommand
from core.entities.page import Page, PageRun
from core.entities.page_row import PageRow
from core.entities.record import Undecodable
from core.entities.transaction import Transaction
from core.ports.clock import Clock
from core.posting.naming import accounts_named
from core.usecases.rebuild_books import RebuildBooks
from core.usecases.reposting import Books
from tests.simulation.promises.promise import Findings, Promise
from tests.simulation.stage.changes import Change, PageStored
from tests.simulation.stage.database import Database
from tests.simulation.stage.events import Topic
from tests.simulation.stage.log import Broker
from tests.simulation.stage.pages import PageTopic

_MORE_THAN_ALL: Final = 1_000_000


class _Stored(NamedTuple):
    """A page, and whose accounts it read and changed."""

    run: PageRun
    page: Page
    read: frozenset[AccountKey]
    changed: frozenset[AccountKey]


class PagesChecker:
    """Looks at each row and each outcome when it is told.

    `standing` are all transactions as they were committed, `forgotten` the ids of those whose page
    was never told before the books were put back to before it. They, and they alone, may be decided
    anew and otherwise, and stand no more until they are.
    """

    def __init__(
        self, database: Database, broker: Broker, pages: PageTopic, findings: Findings
    ) -> None:
        self._books = database.books
        self._log = broker.log
        self._pages = pages
        self._findings = findings
        self._stored: dict[int, _Stored] = {}
        self._told: set[int] = set()
        self._told_places: set[tuple[int, int]] = set()
        self.standing: dict[UUID, Transaction] = {}
        self.forgotten: set[UUID] = set()

    def committed(self, changes: Sequence[Change]) -> None:
        """Remember what a page depends on."""
        for change in changes:
            if isinstance(change, PageStored):
                number, run, page, _ = self._books.pages[-1]
                commands = self._commands(run)
                read = accounts_named(commands, self._books.named(commands))
                changed = frozenset(one.key for one in page.accounts)
                self._stored[number] = _Stored(run, page, frozenset(read), changed)
                self.standing |= {one.command.transaction_id: one for one in page.transactions}

    def _commands(self, run: PageRun) -> list[LoggedCommand]:
        count = run.next_offset - run.first_offset
        return [
            LoggedCommand(one.position, one.recorded_at, one.content)
            for one in self._log.records(run.partition, run.first_offset, count)
            if not isinstance(one.content, Undecodable)
        ]

    def put_back(self) -> None:
        """Forget what the books have forgotten, unless it was told."""
        for number in self._stored.keys() - self._books.heads.keys() - self._told:
            for one in self._stored.pop(number).page.transactions:
                transaction_id = one.command.transaction_id
                self.forgotten.add(transaction_id)
                del self.standing[transaction_id]

    def row_told(self, place: int, row: PageRow) -> None:
        """That those which it depends on were told before it."""
        stored = self._stored.get(row.number)
        known = stored is not None and stored.page.head == row.head
        self._findings.expect(
            known, Promise.TOLD_FIRST, f"page {row.number} was told, and was never stored so"
        )
        if stored is not None and row.number not in self._told:
            untold = [
                number
                for number, earlier in self._stored.items()
                if number < row.number and number not in self._told and _depends(stored, earlier)
            ]
            self._findings.expect(
                not untold,
                Promise.TOLD_FIRST,
                f"page {row.number} was told in place {place} before {untold}, which it depends on",
            )
        self._told.add(row.number)
        self._told_places |= {
            (row.partition, one) for one in range(row.first_offset, row.next_offset)
        }

    def outcomes_told(self, told: Sequence[Transaction]) -> None:
        """That their pages were told before."""
        for one in told:
            self._findings.expect(
                one.position in self._told_places,
                Promise.TOLD_FIRST,
                f"the outcome of {one.position} was told before its page",
            )

    async def at_the_end(self, topic: Topic, partition_count: int, clock: Clock) -> None:
        """That all that was told is in the books, each head follows from the one before, and the
        pages that were told make the same books again.
        """
        self._restored(topic)
        await self._chained()
        await self._replayed(partition_count, clock)

    def _restored(self, topic: Topic) -> None:
        for place, rows in self._pages.told.items():
            for row in rows:
                self._findings.expect(
                    self._books.heads.get(row.number) == row.head,
                    Promise.RESTORED,
                    f"page {row.number}, told in place {place}, is not in the books so",
                )
        for told in topic.told:
            for one in told:
                known = self._books.transactions.get(one.command.transaction_id)
                self._findings.expect(
                    known == one, Promise.RESTORED, f"told: {one}; in the books: {known}"
                )

    async def _chained(self) -> None:
        audit = MemoryBooksAudit(self._books)
        for partition in await audit.partitions():
            for off in (await audit.chain(partition, None, _MORE_THAN_ALL)).findings:
                self._findings.broken(Promise.CHAINED, f"the chain of {partition}: {off}")

    async def _replayed(self, partition_count: int, clock: Clock) -> None:
        empty = MemoryBooks()
        rebuild = RebuildBooks(
            Books(MemoryLedger(empty, clock), MemoryPartitions(empty, clock)),
            MemoryCommandFeed(self._log),
            self._pages,
            partition_count,
        )
        try:
            async for _ in rebuild():
                pass
        except Exception as error:
            # Whatever it is, the books were not made again.
            self._findings.broken(Promise.REPLAYED, f"{type(error).__name__}: {error}")
            return
        for name in ("transactions", "accounts", "holds", "heads"):
            made, kept = getattr(empty, name), getattr(self._books, name)
            off = [one for one in made.keys() | kept.keys() if made.get(one) != kept.get(one)]
            self._findings.expect(not off, Promise.REPLAYED, f"other {name}: {len(off)}")


def _depends(page: _Stored, earlier: _Stored) -> bool:
    return page.run.partition == earlier.run.partition or bool(page.read & earlier.changed)
