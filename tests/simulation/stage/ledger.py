"""A `Ledger` of many steps, each of which may be the last: what PostgreSQL's is, without it."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.postgres.page_numbers import PageNumbers, raise_if_put_back
from core.entities.account import Account, AccountKey
from core.entities.chain import Chain
from core.entities.command import LoggedCommand
from core.entities.log_position import LogPosition, untouched
from core.entities.page import LedgerState, Outcomes, Page, PageRun
from core.entities.page_row import PageRow
from core.errors import FencedError, LedgerUnavailableError, PutBackError
from core.ports.clock import Clock
from core.ports.events import Events
from core.ports.ledger import Decide
from core.posting.naming import accounts_named, transaction_ids
from tests.simulation.machine.faults import Fault
from tests.simulation.stage.changes import PageStored, PositionChanged, moved
from tests.simulation.stage.database import Database, Session

_SLOW: Final = 0.5


class SimulatedLedger:
    """Each step of a page is a method of its own, so that a bug can be planted in it alone."""

    def __init__(self, database: Database, clock: Clock, events: Events) -> None:
        self.database = database
        self.clock = clock
        self.events = events
        self._memory = MemoryLedger(database.books, clock)
        self._numbers = PageNumbers()
        self._lives: dict[int, int] = {}

    async def take_over(self, partition: int) -> LogPosition:
        """Become the owner of the partition."""
        life = self.database.life
        position = await self._change(partition, lambda one: replace(one, epoch=one.epoch + 1))
        self._lives[partition] = life
        self._numbers.taken_over(partition)
        return position

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Fence, lock, decide, store and commit."""
        async with self.session() as session:
            self.check_life(session, run.partition)
            await self.pass_fence(session, run)
            page = decide(await self.state(session, commands))
            seen_before = self._numbers.seen(run.partition)
            await session.statement()
            number = self.database.page_number(run.number)
            if run.number is None:
                self.check_number(number, seen_before)
            await self.store(session, run._replace(number=number), page)
            await session.commit()
        self._numbers.stored(number)
        return page

    def check_life(self, session: Session, partition: int) -> None:
        """Raise `PutBackError` if the books were put back since the partition was taken over."""
        if session.life != self._lives.get(partition, session.life):
            raise PutBackError(f"partition {partition} was taken over in another life")

    def check_number(self, number: int, seen_before: int) -> None:
        """Raise `PutBackError` if a new page's number is not a new one."""
        raise_if_put_back(number, seen_before)

    async def pass_fence(self, session: Session, run: PageRun) -> None:
        """Lock the position. Raises `FencedError` unless it is where this run begins."""
        await session.statement()
        await session.lock(("position", run.partition))
        position = self.stored_position(run.partition)
        is_there = self.is_owned(position, run) and position.next_offset == run.first_offset
        if not is_there or position.halted is not None:
            raise FencedError(f"partition {run.partition} is at {position.next_offset}")

    def is_owned(self, position: LogPosition, run: PageRun) -> bool:
        """Whether the run is of the epoch that is not over."""
        return position.epoch == run.epoch

    async def state(self, session: Session, commands: Sequence[LoggedCommand]) -> LedgerState:
        """What the commands name, its accounts locked."""
        await session.statement()
        named = self.database.books.named(commands)
        accounts = await self.locked(session, self.lock_order(accounts_named(commands, named)))
        return LedgerState(accounts, self.fingerprints(commands), named)

    def lock_order(self, keys: Collection[AccountKey]) -> list[AccountKey]:
        """The same for all pages, so that none wait for each other in a circle."""
        return sorted(keys)

    async def locked(
        self, session: Session, keys: Sequence[AccountKey]
    ) -> dict[AccountKey, Account]:
        """The accounts that exist, which nobody else changes until the session ends."""
        for key in keys:
            await session.lock(("account", key))
            await session.statement() if self._is_slow() else session.check()
        accounts = self.database.books.accounts
        return {key: accounts[key] for key in keys if key in accounts}

    def _is_slow(self) -> bool:
        """Whether others get to run between two rows."""
        return self.database.machine.chance.happens(_SLOW)

    def fingerprints(self, commands: Sequence[LoggedCommand]) -> dict[UUID, bytes]:
        """Those of the commands' ids that are known."""
        known = self.database.books.transactions
        return {
            one: known[one].command.fingerprint for one in transaction_ids(commands) if one in known
        }

    async def store(self, session: Session, run: PageRun, page: Page) -> None:
        """Write the page and the position it moves to."""
        session.write(moved(run, page, self.clock.now()), PageStored(run, page, self.clock.now()))

    async def position(self, partition: int) -> LogPosition:
        """The partition's position, once nobody is changing it."""
        async with self.session() as session:
            self.check_life(session, partition)
            await session.statement()
            await session.lock(("position", partition))
            return self.stored_position(partition)

    async def chain(self, partition: int) -> Chain:
        """Where the partition's chain stands."""
        async with self.session() as session:
            await session.statement()
            return await self._memory.chain(partition)

    async def adopt_secret(self, partition: int, epoch: int, secret: bytes) -> bool:
        """Make the partition's salts of this secret."""
        async with self.session() as session:
            await session.statement()
            return await self._memory.adopt_secret(partition, epoch, secret)

    async def untold_pages(self) -> Sequence[PageRow]:
        """Rows that are not known to be told."""
        async with self.session() as session:
            await session.statement()
            return await self._memory.untold_pages()

    async def known_heads(self, page_numbers: Collection[int]) -> Mapping[int, bytes | None]:
        """The heads of those of the pages that are in the books."""
        async with self.session() as session:
            await session.statement()
            return await self._memory.known_heads(page_numbers)

    async def identify_log(self, partition: int, epoch: int, topic_id: str) -> None:
        """Remember the topic."""
        await self._as_owner(partition, epoch, lambda one: replace(one, topic_id=topic_id))

    async def halt(self, partition: int, epoch: int, reason: str) -> None:
        """Stop posting from the partition."""
        await self._as_owner(partition, epoch, lambda one: replace(one, halted=reason))

    async def outcomes(self, partition: int, from_offset: int, to_offset: int) -> Outcomes:
        """What became of a stretch of the log."""
        async with self.session() as session:
            await session.statement()
            outcomes = await self._memory.outcomes(partition, from_offset, to_offset)
            await session.statement()
            return outcomes

    async def due_holds(
        self, partitions: Collection[int], at: datetime, limit: int
    ) -> Sequence[UUID]:
        """Open holds whose time is over."""
        async with self.session() as session:
            await session.statement()
            return await self._memory.due_holds(partitions, at, limit)

    async def mark_published(
        self, partition: int, epoch: int, next_offset: int, told_page: int = 0
    ) -> None:
        """Outcomes before `next_offset` are told, and pages up to `told_page`."""

        def marked(one: LogPosition) -> LogPosition:
            self.check_told(one, next_offset)
            return replace(
                one,
                published_offset=max(one.published_offset, next_offset),
                told_page=max(one.told_page, self.known_page(partition, told_page)),
            )

        await self._as_owner(partition, epoch, marked)

    def check_told(self, position: LogPosition, next_offset: int) -> None:
        """Raise `FencedError` if what was told is not in the books any more."""
        if position.next_offset < next_offset:
            raise FencedError(f"partition {position.partition} is not at {next_offset} yet")

    def known_page(self, partition: int, number: int) -> int:
        """Its number, or the last one that the books have."""
        return min(number, self.database.books.last_page(partition))

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session that ends with the context, committed or not."""
        session = await self.database.connect()
        try:
            yield session
        finally:
            session.left()

    def stored_position(self, partition: int) -> LogPosition:
        """As it is committed."""
        known = self.database.books.positions.get(partition)
        return known or untouched(partition, self.clock.now())

    async def _as_owner(
        self, partition: int, epoch: int, change: Callable[[LogPosition], LogPosition]
    ) -> None:
        await self._change(partition, change, epoch)

    async def _change(
        self,
        partition: int,
        change: Callable[[LogPosition], LogPosition],
        epoch: int | None = None,
    ) -> LogPosition:
        """One statement that commits by itself; its answer may be lost."""
        async with self.session() as session:
            await session.statement()
            await session.lock(("position", partition))
            position = self.stored_position(partition)
            if epoch is not None and position.epoch != epoch:
                raise FencedError(f"partition {partition} has another owner than epoch {epoch}")
            change(position)  # which may raise
            session.write(PositionChanged(partition, self.clock.now(), change))
            session.commit_now()
            position = self.stored_position(partition)
        await self.database.machine.travel()
        if self.database.machine.weather.strikes(Fault.CONNECTION_LOST):
            raise LedgerUnavailableError("the connection was lost")
        return position
