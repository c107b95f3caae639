"""Both sides of the books, empty, over each adapter of their ports."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.dead_letters import MemoryDeadLetters
from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outbound.memory.events import MemoryEvents
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.partitions import MemoryPartitions
from adapters.outbound.postgres.blockers import Blockers
from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.dead_letters import PostgresDeadLetters
from adapters.outbound.postgres.ledger import PostgresLedger
from adapters.outbound.postgres.ledger_reader import PostgresLedgerReader
from adapters.outbound.postgres.partitions import PostgresPartitions
from core.entities.chain import Chain
from core.entities.command import Command, LoggedCommand
from core.entities.dead_letter import DeadLetter
from core.entities.page import LedgerState, Page, PageRun
from core.ports.dead_letters import DeadLetters
from core.ports.ledger import Decide, Ledger
from core.ports.ledger_reader import LedgerReader
from core.ports.partitions import Partitions
from core.posting.post import post
from core.proof.chain import head_after_page
from infra.local.postgres import LocalPostgres
from tests.builders import CHAIN, PARTITIONS, REPRESENTATIONS, FixedClock, logged, partition_for
from tests.postgres_databases import FreshDatabase, fresh_database
from tests.simulation.machine.network import calm_machine
from tests.simulation.stage.database import Database as SimulatedDatabase
from tests.simulation.stage.ledger import SimulatedLedger

ADAPTERS: Final = ("memory", "postgres")
SIMULATED: Final = "simulated"
"""The double that simulations post to; it only writes, and is read in memory."""
PARTITION: Final = partition_for("alice")


@dataclass
class Books:
    """The ports over one store, and one worker that posts to partition `PARTITION`."""

    ledger: Ledger
    reader: LedgerReader
    partitions: Partitions
    dead_letters: DeadLetters
    clock: FixedClock
    epoch: int = 0
    next_offset: int = 0
    published_offset: int = 0
    chain: Chain = CHAIN
    seen: list[LedgerState] = field(default_factory=list)

    async def take_over(self) -> None:
        """Own the partition, and go on where it stands."""
        position = await self.ledger.take_over(PARTITION)
        self.epoch = position.epoch
        self.next_offset = position.next_offset
        self.chain = await self.ledger.chain(PARTITION)

    def run(self, record_count: int) -> PageRun:
        """The next page's stretch of the log."""
        return PageRun(
            partition=PARTITION,
            epoch=self.epoch,
            first_offset=self.next_offset,
            next_offset=self.next_offset + record_count,
            last_record_hash=b"hash".ljust(32, b"\0"),
            published_offset=self.published_offset,
        )

    def logged(self, *commands: Command) -> list[LoggedCommand]:
        """The commands as the next ones in the log."""
        return [
            logged(one, offset, PARTITION, self.clock.now())
            for offset, one in enumerate(commands, self.next_offset)
        ]

    async def post(self, *commands: Command) -> Page:
        """Post a page of these commands."""
        return await self.post_logged(self.logged(*commands))

    async def post_logged(self, commands: Sequence[LoggedCommand]) -> Page:
        """Post a page of these."""
        run = self.run(len(commands))
        page = await self.ledger.post_page(run, commands, self.deciding(commands))
        self._stored(run, page)
        return page

    async def condemn(self, *letters: DeadLetter, in_a_row: int) -> None:
        """Post a page that holds nothing but dead letters."""

        def decide(state: LedgerState) -> Page:
            page = post([], state)._replace(dead_letters=letters, condemned_in_a_row=in_a_row)
            return self._chained(len(letters), page)

        run = self.run(len(letters))
        self._stored(run, await self.ledger.post_page(run, [], decide))

    def deciding(self, commands: Sequence[LoggedCommand]) -> Decide:
        """The real decision, which notes what it was given."""

        def decide(state: LedgerState) -> Page:
            self.seen.append(state)
            return self._chained(len(commands), post(commands, state))

        return decide

    def _chained(self, record_count: int, page: Page) -> Page:
        offsets = range(self.next_offset, self.next_offset + record_count)
        return page._replace(head=head_after_page(self.chain, PARTITION, offsets, page))

    def _stored(self, run: PageRun, page: Page) -> None:
        self.next_offset = run.next_offset
        if page.head is not None:
            self.chain = self.chain._replace(head=page.head)


@asynccontextmanager
async def open_books(adapter: str, server: LocalPostgres) -> AsyncIterator[Books]:
    """Empty books, their partition taken over."""
    clock = FixedClock()
    if adapter == SIMULATED:
        books = _simulated_books(clock)
        await books.take_over()
        yield books
        return
    if adapter == "memory":
        books = books_over(MemoryBooks(), clock)
        await books.take_over()
        yield books
        return
    async with fresh_database(server) as database, books_in(database, clock) as books:
        await books.take_over()
        yield books


def books_over(store: MemoryBooks, clock: FixedClock) -> Books:
    """The books in memory."""
    return Books(
        MemoryLedger(store, clock),
        MemoryLedgerReader(store),
        MemoryPartitions(store, clock),
        MemoryDeadLetters(store),
        clock,
    )


@asynccontextmanager
async def books_in(
    database: FreshDatabase, clock: FixedClock, patience_seconds: float = 5.0
) -> AsyncIterator[Books]:
    """The books in a database: written by the role that posts, read by the one that reads."""
    async with Database(database.dsn()) as writing, Database(database.api_dsn) as reading:
        blockers = Blockers(writing, patience_seconds)
        yield Books(
            PostgresLedger(writing, clock, blockers),
            PostgresLedgerReader(reading),
            PostgresPartitions(writing, clock, blockers),
            PostgresDeadLetters(reading),
            clock,
        )


def _simulated_books(clock: FixedClock) -> Books:
    machine = calm_machine(asyncio.get_running_loop())
    database = SimulatedDatabase(machine)
    return Books(
        SimulatedLedger(
            database, clock, MemoryEvents(MemoryEventLog(PARTITIONS, clock), REPRESENTATIONS)
        ),
        MemoryLedgerReader(database.books),
        MemoryPartitions(database.books, clock),
        MemoryDeadLetters(database.books),
        clock,
    )
