"""The writing side of the books, in memory."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks
from core.entities.command import LoggedCommand
from core.entities.hold import HoldStatus
from core.entities.log_position import LogPosition, untouched
from core.entities.page import LedgerState, Outcomes, Page, PageRun
from core.errors import FencedError
from core.ports.clock import Clock
from core.ports.ledger import Decide
from core.posting.naming import accounts_named, transaction_ids


class MemoryLedger:
    """A `Ledger` over `MemoryBooks`. No method awaits anything, so each is one atomic step."""

    def __init__(self, books: MemoryBooks, clock: Clock) -> None:
        self._books = books
        self._clock = clock

    async def take_over(self, partition: int) -> LogPosition:
        """Become the owner of the partition."""
        known = self._books.positions.get(partition) or untouched(partition, self._clock.now())
        return self._keep(replace(known, epoch=known.epoch + 1))

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Decide and store the page."""
        position = self._owned(run.partition, run.epoch)
        if position.next_offset != run.first_offset or position.halted is not None:
            raise FencedError(f"partition {run.partition} is at {position.next_offset}")
        page = decide(self._state(commands))
        self._books.store(run, page)
        self._keep(
            replace(
                position,
                next_offset=run.next_offset,
                published_offset=max(position.published_offset, run.published_offset),
                last_record_hash=run.last_record_hash,
                condemned_in_a_row=page.condemned_in_a_row,
            )
        )
        return page

    async def position(self, partition: int) -> LogPosition:
        """The partition's position."""
        return self._books.positions.get(partition) or untouched(partition, self._clock.now())

    async def identify_log(self, partition: int, epoch: int, topic_id: str) -> None:
        """Remember the topic."""
        self._keep(replace(self._owned(partition, epoch), topic_id=topic_id))

    async def halt(self, partition: int, epoch: int, reason: str) -> None:
        """Stop posting from the partition."""
        self._keep(replace(self._owned(partition, epoch), halted=reason))

    async def outcomes(self, partition: int, from_offset: int, to_offset: int) -> Outcomes:
        """What became of a stretch of the log."""
        wanted = range(from_offset, to_offset)
        transactions = [
            one
            for one in self._books.transactions.values()
            if one.position.partition == partition and one.position.offset in wanted
        ]
        dead_letters = [
            one
            for one in self._books.dead_letters
            if one.record.position.partition == partition and one.record.position.offset in wanted
        ]
        return Outcomes(transactions, dead_letters)

    async def due_holds(
        self, partitions: Collection[int], at: datetime, limit: int
    ) -> Sequence[UUID]:
        """Open holds whose time is over."""
        return [
            hold_id
            for partition in sorted(partitions)
            for _, hold_id in sorted(self._due(partition, at))[:limit]
        ]

    async def mark_published(self, partition: int, epoch: int, next_offset: int) -> None:
        """Outcomes before `next_offset` are told."""
        position = self._owned(partition, epoch)
        published_offset = max(position.published_offset, next_offset)
        self._keep(replace(position, published_offset=published_offset))

    def _due(self, partition: int, at: datetime) -> Iterator[tuple[datetime, UUID]]:
        for one in self._books.holds.values():
            placed = self._books.transactions[one.hold_id].position
            is_due = one.status is HoldStatus.OPEN and one.is_over(at)
            if is_due and one.expires_at is not None and placed.partition == partition:
                yield one.expires_at, one.hold_id

    def _state(self, commands: Sequence[LoggedCommand]) -> LedgerState:
        books = self._books
        named = books.named(commands)
        keys = accounts_named(commands, named)
        return LedgerState(
            accounts={key: books.accounts[key] for key in keys if key in books.accounts},
            fingerprints={
                one: books.transactions[one].command.fingerprint
                for one in transaction_ids(commands)
                if one in books.transactions
            },
            named=named,
        )

    def _owned(self, partition: int, epoch: int) -> LogPosition:
        position = self._books.positions.get(partition)
        if position is None or position.epoch != epoch:
            raise FencedError(f"partition {partition} has another owner than epoch {epoch}")
        return position

    def _keep(self, position: LogPosition) -> LogPosition:
        position = replace(position, updated_at=self._clock.now())
        self._books.positions[position.partition] = position
        return position
