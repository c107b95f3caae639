"""The writing side of the books, in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks
from core.entities.chain import Chain
from core.entities.command import LoggedCommand
from core.entities.hold import HoldStatus
from core.entities.log_position import LogPosition, untouched
from core.entities.page import LedgerState, Outcomes, Page, PageRun
from core.entities.page_row import PageRow
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
        self._books.store(run, page, self._clock.now())
        self._keep(
            replace(
                position,
                next_offset=run.next_offset,
                published_offset=max(position.published_offset, run.published_offset),
                told_page=max(position.told_page, run.told_page),
                last_record_hash=run.last_record_hash,
                condemned_in_a_row=page.condemned_in_a_row,
            )
        )
        return page

    async def position(self, partition: int) -> LogPosition:
        """The partition's position."""
        return self._books.positions.get(partition) or untouched(partition, self._clock.now())

    async def chain(self, partition: int) -> Chain:
        """Where the partition's chain stands."""
        return Chain(self._books.secret(partition), self._books.head(partition))

    async def adopt_secret(self, partition: int, epoch: int, secret: bytes) -> bool:
        """Make the partition's salts of this secret."""
        self._owned(partition, epoch)
        if self._books.pages_by_partition.get(partition):
            return False
        self._books.secrets[partition] = secret
        return True

    async def untold_pages(self) -> Sequence[PageRow]:
        """Rows that are not known to be told."""
        untold = [
            one
            for partition, position in self._books.positions.items()
            for one in self._books.pages_after(partition, position.told_page)
        ]
        return [self._books.row(one) for one in sorted(untold, key=lambda one: one.number)]

    async def known_heads(self, page_numbers: Collection[int]) -> Mapping[int, bytes | None]:
        """The heads of those of the pages that are in the books."""
        heads = self._books.heads
        return {number: heads[number] for number in page_numbers if number in heads}

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

    async def mark_published(
        self, partition: int, epoch: int, next_offset: int, told_page: int = 0
    ) -> None:
        """Outcomes before `next_offset` are told, and pages up to `told_page`."""
        position = self._owned(partition, epoch)
        if position.next_offset < next_offset:
            raise FencedError(f"partition {partition} is not at offset {next_offset} yet")
        published_offset = max(position.published_offset, next_offset)
        told_page = max(position.told_page, min(told_page, self._books.last_page(partition)))
        self._keep(replace(position, published_offset=published_offset, told_page=told_page))

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
