"""Books that can be checked, and damaged behind the ledger's back, over each adapter."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, Final, NamedTuple

from adapters.outbound.memory.audit.books_audit import MemoryBooksAudit
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.postgres.audit.books_audit import PostgresBooksAudit
from adapters.outbound.postgres.database import Connection, Database
from core.entities.audit import Counts
from core.entities.finding import Finding
from core.ports.books_audit import BooksAudit
from core.usecases.verify_books import VerifyBooks
from infra.local.postgres import PROCESSOR, LocalPostgres
from infra.local.postgres_cluster import SUPERUSER
from tests.builders import FixedClock
from tests.contracts.books_under_test import Books, books_in, books_over
from tests.postgres_databases import FreshDatabase, fresh_database

_MOST_ENTRIES: Final = 1_000


class Damage(NamedTuple):
    """What somebody did by hand: in SQL as the owner of all, and the same in memory."""

    sql: str
    in_memory: Callable[[MemoryBooks], object]


class _OneConnection(Database):
    """A database as one connection sees it, with what it has not committed."""

    def __init__(self, only: Connection) -> None:
        super().__init__("")
        self.only = only

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        yield self.only


@dataclass
class AuditedBooks:
    """The books, their check, and what lies below."""

    books: Books
    audit: BooksAudit
    below: MemoryBooks | FreshDatabase

    @asynccontextmanager
    async def damaged(self, damage: Damage) -> AsyncIterator["AuditedBooks"]:
        """The same books with the damage done, for as long as the context lasts."""
        if isinstance(self.below, MemoryBooks):
            below = copied(self.below)
            damage.in_memory(below)
            yield replace(self, audit=MemoryBooksAudit(below), below=below)
            return
        async with (
            Database(self.below.dsn(SUPERUSER)) as database,
            database.connection() as connection,
        ):
            damaging = connection.transaction()
            await damaging.start()
            await connection.execute(f"SET LOCAL session_replication_role = replica; {damage.sql}")
            audit = PostgresBooksAudit(_OneConnection(connection))
            yield replace(self, audit=audit)
            await damaging.rollback()

    async def found(self, limit: int = 1_000) -> Sequence[Finding]:
        """All that is off, by slices of `limit`."""
        return (await self.checked(limit))[1]

    async def off_heads(self, limit: int = 1_000) -> Sequence[Finding]:
        """The pages whose heads are off."""
        _, _, *shares = VerifyBooks(self.audit, limit)()
        return [finding for share in shares async for one in share for finding in one.findings]

    async def checked(self, limit: int = 1_000) -> tuple[Counts, Sequence[Finding]]:
        """How much was checked, and all that is off."""
        counts = Counts()
        findings: list[Finding] = []
        accounts, pages, *_ = VerifyBooks(self.audit, limit)()
        for half in (accounts, pages):
            async for one in half:
                counts = counts.plus(one.counts)
                findings += one.findings
                assert counts.entries < _MOST_ENTRIES, "the slices do not come to an end"
        return counts, findings


def copied(books: MemoryBooks) -> MemoryBooks:
    """Containers of its own, around the values, which nobody can change."""
    return MemoryBooks(**{one.name: _container(getattr(books, one.name)) for one in fields(books)})


def _container(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _container(one) for key, one in value.items()}
    return list(value) if isinstance(value, list) else value


@asynccontextmanager
async def open_audited_books(adapter: str, server: LocalPostgres) -> AsyncIterator[AuditedBooks]:
    """Empty books that can be checked, their partition taken over."""
    clock = FixedClock()
    if adapter == "memory":
        store = MemoryBooks()
        books = books_over(store, clock)
        await books.take_over()
        yield AuditedBooks(books, MemoryBooksAudit(store), store)
        return
    async with (
        fresh_database(server) as database,
        books_in(database, clock) as books,
        Database(database.dsn(PROCESSOR)) as connected,
    ):
        await books.take_over()
        yield AuditedBooks(books, PostgresBooksAudit(connected), database)
