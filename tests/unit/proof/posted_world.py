"""A log that was posted into books in memory, page by page, and what was told of it."""

from dataclasses import replace
from typing import Final

from adapters.inbound.worker.page_teller import PageTeller
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.books_states import MemoryBooksStates
from adapters.outbound.memory.command_feed import MemoryCommandFeed
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outbound.memory.events import MemoryEvents
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.log import MemoryLog
from adapters.outbound.memory.pages import MemoryPages
from adapters.outbound.memory.partitions import MemoryPartitions
from core.condemning import Post
from core.entities.command import Command
from core.entities.finding import Finding
from core.entities.ownership import Ownership
from core.posting.post import post
from core.usecases.post_page import PageLimits, PostPage
from core.usecases.publish_outcomes import PublishOutcomes
from core.usecases.rebuild_books import RebuildBooks
from core.usecases.replay_books import Kept, ReplayBooks, Replayed
from core.usecases.reposting import Books
from core.usecases.take_over import TakeOver
from core.usecases.tell_pages import TellPages
from tests.builders import PARTITIONS, REPRESENTATIONS, FixedClock, partition_for

LIMITS: Final = PageLimits(100, 1_000, 3)
ALICE: Final = partition_for("alice")
BOB: Final = partition_for("bob")


class Store:
    """Books, and the ports of them."""

    def __init__(self, books: MemoryBooks, clock: FixedClock) -> None:
        self.books = books
        self.ledger = MemoryLedger(books, clock)
        self.partitions = MemoryPartitions(books, clock)
        self.states = MemoryBooksStates(books)

    @property
    def ports(self) -> Books:
        return Books(self.ledger, self.partitions)

    @property
    def content(self) -> object:
        """What two books are compared by: all but the sentences of dead letters."""
        books = self.books
        return (
            *(books.accounts, books.holds, books.transactions, books.entries, books.heads),
            *([one._replace(detail="") for one in books.dead_letters], books.secrets),
        )


class PostedWorld:
    """What a processor does, a step at a time."""

    def __init__(self, rules: Post = post) -> None:
        self.clock = FixedClock()
        self.store = Store(MemoryBooks(), self.clock)
        self.log = MemoryLog(PARTITIONS)
        self.feed = MemoryCommandFeed(self.log)
        self.pages = MemoryPages()
        self.events = MemoryEvents(MemoryEventLog(PARTITIONS, self.clock), REPRESENTATIONS)
        self._commands = MemoryCommandLog(self.log, self.clock)
        self._rules = rules
        self._owned: dict[int, Ownership] = {}

    async def give(self, *commands: Command) -> None:
        """Append them."""
        for one in commands:
            await self._commands.append(one)

    async def post(self, partition: int, count: int = 100) -> None:
        """Post the next records of a partition as one page, and tell it."""
        tell = PageTeller(TellPages(self.store.ledger, self.pages))
        take_over = TakeOver(self.store.ledger, self.feed, tell, PublishOutcomes(self.events))
        owned = self._owned.get(partition) or (await take_over(partition)).ownership
        records = self.log.records(partition, owned.next_offset, count)
        use_case = PostPage(self.store.ledger, LIMITS, PARTITIONS, self._rules)
        told_page = (await tell(partition)).last_number
        posted = await use_case(replace(owned, told_page=told_page), records)
        self._owned[partition] = posted.ownership
        await tell(partition)

    def forget_owners(self) -> None:
        """Whoever posts next takes over."""
        self._owned.clear()

    async def rebuilt(self) -> Store:
        """New books, made from what was told."""
        store = Store(MemoryBooks(), self.clock)
        async for _ in RebuildBooks(store.ports, self.feed, self.pages, PARTITIONS)():
            pass
        return store

    async def off(self) -> list[Finding]:
        """What a replay finds."""
        replayed = Store(MemoryBooks(), self.clock)
        replay = ReplayBooks(
            Kept(self.store.ledger, self.store.states),
            Replayed(replayed.ports, replayed.states),
            *(self.feed, self.pages, PARTITIONS),
        )
        return [finding async for checked in replay() for finding in checked.findings]
