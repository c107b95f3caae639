"""A `Ledger` of many steps, each of which may be the last: what PostgreSQL's is, without it."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.outbound.memory.ledger import MemoryLedger
from core.entities.account import Account, AccountKey
from core.entities.command import LoggedCommand
from core.entities.log_position import LogPosition, untouched
from core.entities.page import LedgerState, Outcomes, Page, PageRun
from core.errors import FencedError, LedgerUnavailableError
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

    async def take_over(self, partition: int) -> LogPosition:
        """Become the owner of the partition."""
        return await self._change(partition, lambda one: replace(one, epoch=one.epoch + 1))

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Fence, lock, decide, store and commit."""
        async with self.session() as session:
            await self.pass_fence(session, run)
            page = decide(await self.state(session, commands))
            await session.statement()
            await self.store(session, run, page)
            await session.commit()
        return page

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
        session.write(moved(run, page, self.clock.now()), PageStored(run, page))

    async def position(self, partition: int) -> LogPosition:
        """The partition's position, once nobody is changing it."""
        async with self.session() as session:
            await session.statement()
            await session.lock(("position", partition))
            return self.stored_position(partition)

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

    async def mark_published(self, partition: int, epoch: int, next_offset: int) -> None:
        """Outcomes before `next_offset` are told."""
        await self._as_owner(
            partition,
            epoch,
            lambda one: replace(one, published_offset=max(one.published_offset, next_offset)),
        )

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
            if epoch is not None and self.stored_position(partition).epoch != epoch:
                raise FencedError(f"partition {partition} has another owner than epoch {epoch}")
            session.write(PositionChanged(partition, self.clock.now(), change))
            session.commit_now()
            position = self.stored_position(partition)
        await self.database.machine.travel()
        if self.database.machine.weather.strikes(Fault.CONNECTION_LOST):
            raise LedgerUnavailableError("the connection was lost")
        return position
