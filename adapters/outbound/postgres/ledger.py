"""The writing side of the books, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from adapters.outbound.postgres import position_queries, transaction_queries
from adapters.outbound.postgres.blockers import Blockers
from adapters.outbound.postgres.commit import commit
from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.dead_letter_queries import DEAD_LETTERS_BY_OFFSETS
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.hold_queries import DUE_HOLDS
from adapters.outbound.postgres.named import load_named
from adapters.outbound.postgres.opened_accounts import OpenedAccounts
from adapters.outbound.postgres.page_locking import (
    Locked,
    MissingAccountError,
    create_accounts,
    keys_named,
    lock,
    pass_fence,
    pass_fence_and_lock,
)
from adapters.outbound.postgres.page_numbers import PageNumbers, raise_if_put_back
from adapters.outbound.postgres.page_queries import CHAIN, HEADS, UNTOLD, page_row_of
from adapters.outbound.postgres.page_writing import forget_unopened, write_page
from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.rows import dead_letter_of, log_position_of, transactions_of
from core.entities.chain import GENESIS, Chain
from core.entities.command import LoggedCommand
from core.entities.log_position import LogPosition, untouched
from core.entities.page import NOTHING_NAMED, Outcomes, Page, PageRun
from core.entities.page_row import PageRow
from core.errors import BrokenInvariantError, FencedError, PutBackError
from core.ports.clock import Clock
from core.ports.ledger import Decide
from core.posting.naming import ids_named

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"


@dataclass(frozen=True, slots=True)
class PostgresLedger:
    """A `Ledger` in which a page is one transaction of a handful of statements, however many
    records it covers.
    """

    database: Database
    clock: Clock
    blockers: Blockers
    _opened: OpenedAccounts = field(default_factory=OpenedAccounts, init=False, repr=False)
    _numbers: PageNumbers = field(default_factory=PageNumbers, init=False, repr=False)
    _incarnations: dict[int, str] = field(default_factory=dict, init=False, repr=False)

    async def take_over(self, partition: int) -> LogPosition:
        """Become the owner of the partition."""
        async with self.database.connection() as connection:
            incarnation = self.database.incarnation(connection)
            async with self.blockers.kept_off(connection):
                row = await position_queries.TAKE_OVER.row(
                    connection, partition=partition, now=self.clock.now()
                )
        if row is None:
            raise BrokenInvariantError(f"partition {partition} could not be taken over")
        self._incarnations[partition] = incarnation
        self._numbers.taken_over(partition)
        return log_position_of(row)

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Fence, lock, decide, store and commit."""
        async with self.database.connection() as connection:
            self._raise_if_another_life(connection, run.partition)
            locked = await self._locked(connection, run, commands)
            page = decide(locked.state)
            changed = {account.key for account in page.accounts}
            if not changed <= locked.keys:
                raise BrokenInvariantError("the page changes an account that it did not lock")
            seen_before = self._numbers.seen(run.partition)
            with ledger_errors():
                number = await write_page(connection, run, page, self.clock.now())
                if run.number is None:
                    raise_if_put_back(number, seen_before)
                await forget_unopened(connection, sorted(locked.unopened - changed))
            await commit(connection)
        self._numbers.stored(number)
        self._opened.remember(changed | locked.state.accounts.keys())
        return page

    async def position(self, partition: int) -> LogPosition:
        """The partition's position, once nobody is changing it."""
        async with self.database.connection() as connection:
            self._raise_if_another_life(connection, partition)
            async with self.blockers.kept_off(connection):
                row = await position_queries.SETTLED.row(
                    connection, partition=partition, now=self.clock.now()
                )
        return untouched(partition, self.clock.now()) if row is None else log_position_of(row)

    async def chain(self, partition: int) -> Chain:
        """Where the partition's chain stands."""
        async with self.database.connection() as connection:
            row = await CHAIN.row(connection, partition=partition)
        if row is None:
            raise BrokenInvariantError(f"partition {partition} was never taken over")
        return Chain(row["secret"], row["head"] or GENESIS)

    async def adopt_secret(self, partition: int, epoch: int, secret: bytes) -> bool:
        """Make the partition's salts of this secret."""
        row = await self._as_owner(position_queries.ADOPT_SECRET, partition, epoch, secret_=secret)
        return bool(row["secret"] == secret)

    async def untold_pages(self) -> Sequence[PageRow]:
        """Rows that are not known to be told."""
        async with self.database.connection() as connection:
            return [page_row_of(row) for row in await UNTOLD.rows(connection)]

    async def known_heads(self, page_numbers: Collection[int]) -> Mapping[int, bytes | None]:
        """The heads of those of the pages that are in the books."""
        async with self.database.connection() as connection:
            rows = await HEADS.rows(connection, numbers=sorted(page_numbers))
        return {row["number"]: row["head"] for row in rows}

    async def identify_log(self, partition: int, epoch: int, topic_id: str) -> None:
        """Remember the topic."""
        await self._as_owner(position_queries.IDENTIFY_LOG, partition, epoch, topic_id_=topic_id)

    async def halt(self, partition: int, epoch: int, reason: str) -> None:
        """Stop posting from the partition."""
        await self._as_owner(position_queries.HALT, partition, epoch, reason=reason)

    async def outcomes(self, partition: int, from_offset: int, to_offset: int) -> Outcomes:
        """What became of a stretch of the log; of this log, should offsets have come again."""
        stretch = {"partition": partition, "from_offset": from_offset, "to_offset": to_offset}
        async with self.database.connection() as connection:
            transactions = await transaction_queries.BY_OFFSETS.rows(connection, **stretch)
            dead_letters = await DEAD_LETTERS_BY_OFFSETS.rows(connection, **stretch)
        return Outcomes(
            transactions_of(transactions), [dead_letter_of(row) for row in dead_letters]
        )

    async def due_holds(
        self, partitions: Collection[int], at: datetime, limit: int
    ) -> Sequence[UUID]:
        """Open holds whose time is over."""
        async with self.database.connection() as connection:
            rows = await DUE_HOLDS.rows(
                connection, partitions=sorted(partitions), at=at, at_most=limit
            )
        return [UUID(int=row["hold_id"].int) for row in rows]

    async def mark_published(
        self, partition: int, epoch: int, next_offset: int, told_page: int = 0
    ) -> None:
        """Outcomes before `next_offset` are told, and pages up to `told_page`."""
        await self._as_owner(
            position_queries.MARK_PUBLISHED,
            partition,
            epoch,
            to_offset=next_offset,
            to_page=told_page,
        )

    def _raise_if_another_life(self, connection: Connection, partition: int) -> None:
        """The server was started again, or is another one: the books may be those of an earlier
        moment, in which this partition stands where it stood, and others do not.
        """
        taken = self._incarnations.get(partition)
        if taken is not None and self.database.incarnation(connection) != taken:
            raise PutBackError(
                f"partition {partition} was taken over in another life of the database"
            )

    async def _locked(
        self, connection: Connection, run: PageRun, commands: Sequence[LoggedCommand]
    ) -> Locked:
        try:
            with ledger_errors():
                await connection.execute(_BEGIN)
                async with self.blockers.kept_off(connection):
                    return await self._fenced_and_locked(connection, run, commands)
        except MissingAccountError:
            self._opened.forget()
            raise

    async def _fenced_and_locked(
        self, connection: Connection, run: PageRun, commands: Sequence[LoggedCommand]
    ) -> Locked:
        ids, now = ids_named(commands), self.clock.now()
        named = NOTHING_NAMED
        is_fenced = any(ids)
        if is_fenced:
            # What is named by id belongs to this partition: behind its fence it stands still.
            await pass_fence(connection, run, now)
            named = await load_named(connection, ids)
        keys = keys_named(commands, named)
        missing = self._opened.unknown(keys)
        if keys and not missing and not is_fenced:
            return await pass_fence_and_lock(connection, run, now, keys, commands)
        if not is_fenced:
            await pass_fence(connection, run, now)
        await create_accounts(connection, missing)
        return await lock(connection, keys, commands, named)

    async def _as_owner(
        self, query: Query, partition: int, epoch: int, **values: object
    ) -> asyncpg.Record:
        async with (
            self.database.connection() as connection,
            self.blockers.kept_off(connection),
        ):
            owned = await query.row(
                connection, partition=partition, epoch=epoch, now=self.clock.now(), **values
            )
        if owned is None:
            raise FencedError(f"partition {partition} has another owner than epoch {epoch}")
        return owned
