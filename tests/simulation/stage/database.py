"""A database as PostgreSQL is one at READ COMMITTED: sessions, locked rows, commits.

A row is locked until its session ends; who waits for one waits in a queue. Sessions that wait for
each other in a circle are a deadlock, and one of them is ended. What a session writes is seen by
nobody before its commit, and then all at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.webhooks.store import MemoryWebhookStore
from core.entities.account import AccountKey
from core.errors import CommitUnknownError, LedgerUnavailableError
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.loop import Process
from tests.simulation.machine.network import Machine
from tests.simulation.stage.backup import Backup, copied, replaced
from tests.simulation.stage.changes import Change

PATIENCE_SECONDS: Final = 5.0
"""After which who waits for a row has those ended who keep it, as the real adapter does."""
LATE_SECONDS: Final = 4.0

Row = tuple[str, int | AccountKey]
Observer = Callable[[Sequence[Change]], None]


class Session:
    """One connection with a transaction open, on the server's side."""

    def __init__(self, database: "Database", owner: Process) -> None:
        self.database = database
        self.owner = owner
        self.life = database.life
        self.is_ended = False
        self.rows: list[Row] = []
        self.waits_for: Row | None = None
        self.waiting: asyncio.Future[None] | None = None
        self._writes: list[Change] = []
        self._is_leaving = False

    async def statement(self) -> None:
        """The way of one statement to the server; it may be the connection's last."""
        machine = self.database.machine
        await machine.travel()
        if machine.weather.strikes(Fault.CONNECTION_LOST):
            self.end()
        if machine.weather.strikes(Fault.SERIALIZATION_FAILURE):
            self.end()
            raise LedgerUnavailableError("could not serialize access (40001)")
        if machine.weather.strikes(Fault.DEADLOCK):
            self.end()
            raise LedgerUnavailableError("deadlock detected (40P01)")
        self.check()

    def check(self) -> None:
        """Raise if the server has ended this session."""
        if self.is_ended:
            raise LedgerUnavailableError("connection was closed in the middle of operation")

    async def lock(self, row: Row) -> None:
        """Wait until the row is this session's."""
        self.check()
        await self.database.lock(self, row)

    def write(self, *changes: Change) -> None:
        """Change this at the commit."""
        self._writes += changes

    async def commit(self) -> None:
        """Raises `CommitUnknownError` whenever the answer does not come."""
        machine, weather = self.database.machine, self.database.machine.weather
        self.check()
        self._is_leaving = True
        if weather.strikes(Fault.COMMIT_LOST):
            machine.later(machine.chance.between(0, LATE_SECONDS), self.end)
            await machine.travel()
            raise CommitUnknownError("the connection was lost")
        if weather.strikes(Fault.COMMIT_LATE):
            machine.later(machine.chance.between(0, LATE_SECONDS), self._commit)
            await machine.travel()
            raise CommitUnknownError("the connection was lost")
        await self._committed(is_answered=not weather.strikes(Fault.COMMIT_UNCONFIRMED))

    async def _committed(self, *, is_answered: bool) -> None:
        machine = self.database.machine
        answer: asyncio.Future[bool] = machine.loop.create_future()

        def reply() -> None:
            stored = self._commit()
            if not answer.done():
                answer.set_result(stored)

        machine.later(machine.way_seconds(), reply)
        stored = await answer
        await machine.travel()
        if not stored or not is_answered:
            raise CommitUnknownError("the connection was lost")

    def commit_now(self) -> None:
        """Commit with the statement itself, on the server's side."""
        self._commit()

    def _commit(self) -> bool:
        if self.is_ended:
            return False
        writes, self._writes = self._writes, []
        self.database.apply(writes)
        self.end()
        return True

    def left(self) -> None:
        """The client has done with the connection; a commit that is on its way still comes."""
        if not self._is_leaving:
            self.end()

    def end(self) -> None:
        """Forget what is not committed, and free the rows."""
        if self.is_ended:
            return
        self.is_ended = True
        self.database.sessions.remove(self)
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(LedgerUnavailableError("terminated by an administrator"))
        for row in self.rows:
            self.database.free(row)


class Database:
    """The server: committed books and webhooks, sessions, and the locks between them."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.books = MemoryBooks()
        self.webhooks = MemoryWebhookStore()
        self.observers: list[Observer] = []
        self.when_put_back: list[Callable[[], None]] = []
        """Called when the books are those of an earlier moment again."""
        self.is_down = False
        self.life = 0
        """Another one each time that the books were put back."""
        self.sessions: list[Session] = []
        self.deadlocks = 0
        self._last_page_number = 0
        self._holders: dict[Row, Session] = {}
        self._queues: dict[Row, deque[Session]] = {}

    async def connect(self) -> Session:
        """A session for the process that asks."""
        await self.machine.travel()
        self.answer_or_refuse()
        session = Session(self, self.machine.running())
        self.sessions.append(session)
        return session

    def answer_or_refuse(self) -> None:
        """Raise if whoever asks is not let in."""
        self.refuse_if_down()
        if self.machine.weather.strikes(Fault.LEDGER_AWAY):
            raise LedgerUnavailableError("connection refused")

    def refuse_if_down(self) -> None:
        """Raise while the books are being put back."""
        if self.is_down:
            raise LedgerUnavailableError("the database system is shutting down")

    def page_number(self, again: int | None) -> int:
        """The number of a page that is about to be stored, `again` if it was stored before. Like
        any sequence's it is gone if the page is not committed after all.
        """
        number = again or self._last_page_number + 1
        self._last_page_number = max(self._last_page_number, number)
        return number

    def backup(self) -> Backup:
        """What is committed now."""
        return Backup(copied(self.books), self._last_page_number)

    def shut_down(self) -> None:
        """End all sessions, and let nobody in."""
        self.is_down = True
        for session in list(self.sessions):
            session.end()

    def put_back(self, backup: Backup) -> None:
        """Have the books as they were then, and let everybody in again."""
        replaced(self.books, backup.books)
        self._last_page_number = backup.last_page_number
        self.life += 1
        self.is_down = False
        for call in self.when_put_back:
            call()

    def end_sessions_of(self, process: Process) -> None:
        """The server has noticed that their client is dead."""
        for session in [one for one in self.sessions if one.owner is process]:
            session.left()

    def apply(self, changes: Sequence[Change]) -> None:
        """Make changes for good, and tell whoever observes."""
        for change in changes:
            change.apply(self.books)
        for observer in self.observers:
            observer(changes)

    async def lock(self, session: Session, row: Row) -> None:
        """Give the row to the session, once it is free."""
        holder = self._holders.get(row)
        if holder is session:
            return
        if holder is None:
            self._give(row, session)
            return
        session.waits_for = row
        if session in self._waited_for(session):
            self.deadlocks += 1
            self.machine.note(f"deadlock at {row}")
            session.end()
            raise LedgerUnavailableError("deadlock detected (40P01)")
        await self._queued(session, row)

    async def _queued(self, session: Session, row: Row) -> None:
        queue = self._queues.setdefault(row, deque())
        queue.append(session)
        session.waiting = self.machine.loop.create_future()
        hunt = self.machine.loop.call_later(PATIENCE_SECONDS, self.hunt, session)
        try:
            await session.waiting
        finally:
            hunt.cancel()
            if session in queue:
                queue.remove(session)
            session.waits_for = session.waiting = None

    def free(self, row: Row) -> None:
        """Give the row to the next one that waits for it, if there is one."""
        del self._holders[row]
        queue = self._queues.get(row, ())
        for session in queue:
            if session.waiting is not None and not session.waiting.done():
                self._give(row, session)
                session.waiting.set_result(None)
                return

    def _give(self, row: Row, session: Session) -> None:
        self._holders[row] = session
        session.rows.append(row)

    def _waited_for(self, session: Session) -> Iterator[Session]:
        """Who holds what it waits for, who holds what that one waits for, and so on."""
        seen: list[Session] = []
        while session.waits_for is not None and session.waits_for in self._holders:
            session = self._holders[session.waits_for]
            yield session
            if session in seen:
                return
            seen.append(session)

    def hunt(self, session: Session) -> None:
        """End whoever keeps the session waiting, again and again while it waits."""
        if session.waiting is None or session.waiting.done():
            return
        self.machine.loop.call_later(PATIENCE_SECONDS, self.hunt, session)
        roots = list(self._waited_for(session))
        self.machine.note(f"ends a stalled session of {roots[-1].owner}")
        roots[-1].end()
