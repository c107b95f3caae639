"""The books in memory, as the fakes of both sides of the ledger share them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from core.entities.account import Account, AccountKey
from core.entities.chain import GENESIS
from core.entities.command import LoggedCommand
from core.entities.dead_letter import DeadLetter
from core.entities.hold import Hold
from core.entities.log_position import LogPosition
from core.entities.orders import Reverse
from core.entities.page import Named, Page, PageRun, Reversible, taken_back
from core.entities.page_row import Condemned, PageRow
from core.entities.signed_head import SignedHead
from core.entities.transaction import Entry, Transaction
from core.posting.naming import ids_named


class Resumption(NamedTuple):
    """An operator's end of a halt."""

    partition: int
    from_offset: int
    at_offset: int
    reason: str
    last_page_number: int


class StoredPage(NamedTuple):
    """A page as it was stored."""

    number: int
    run: PageRun
    page: Page
    written_at: datetime


@dataclass(slots=True)
class MemoryBooks:
    """Everything that the ledger keeps."""

    positions: dict[int, LogPosition] = field(default_factory=dict)
    accounts: dict[AccountKey, Account] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    transactions: dict[UUID, Transaction] = field(default_factory=dict)
    reversed_amounts: dict[UUID, int] = field(default_factory=dict)
    by_key: dict[tuple[str, str], Transaction] = field(default_factory=dict)
    entries: dict[AccountKey, list[tuple[Entry, Transaction]]] = field(default_factory=dict)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    pages: list[StoredPage] = field(default_factory=list)
    heads: dict[int, bytes | None] = field(default_factory=dict)
    pages_by_partition: dict[int, list[StoredPage]] = field(default_factory=dict)
    resumptions: list[Resumption] = field(default_factory=list)
    secrets: dict[int, bytes] = field(default_factory=dict)
    signed_heads: dict[int, list[SignedHead]] = field(default_factory=dict)
    given_up: int = 0
    """The highest number of a page that was told and that nobody waits for any more."""

    @property
    def last_number(self) -> int:
        """The number of the last page of all, 0 if there is none."""
        return self.pages[-1].number if self.pages else 0

    def store(self, run: PageRun, page: Page, written_at: datetime) -> None:
        """Write a page down; between its parts nobody else runs."""
        number = run.number or max(self.last_number, self.given_up) + 1
        stored = StoredPage(number, run, page, written_at)
        self.heads[number] = page.head
        self.pages.append(stored)
        self.pages_by_partition.setdefault(run.partition, []).append(stored)
        self.dead_letters.extend(page.dead_letters)
        for account in page.accounts:
            self.accounts[account.key] = account
        for hold in page.holds:
            self.holds[hold.hold_id] = hold
        for transaction in page.transactions:
            self._store_transaction(transaction)

    def secret(self, partition: int) -> bytes:
        """What the salts of the partition's chain are made of; in memory it is none."""
        return self.secrets.setdefault(partition, sha256(b"memory-%d" % partition).digest())

    def head(self, partition: int) -> bytes:
        """The head of the partition's last page."""
        pages = self.pages_by_partition.get(partition)
        return (pages[-1].page.head if pages else None) or GENESIS

    def pages_after(self, partition: int, number: int) -> list[StoredPage]:
        """The partition's pages after the one of this number."""
        pages = self.pages_by_partition.get(partition, [])
        return pages[bisect_right(pages, number, key=lambda one: one.number) :]

    def last_page(self, partition: int) -> int:
        """The number of the partition's last page, 0 if it has none."""
        pages = self.pages_by_partition.get(partition)
        return pages[-1].number if pages else 0

    def row(self, stored: StoredPage) -> PageRow:
        """A page's row."""
        _, run, page, _ = stored
        return PageRow(
            number=stored.number,
            partition=run.partition,
            epoch=run.epoch,
            first_offset=run.first_offset,
            next_offset=run.next_offset,
            transaction_count=len(page.transactions),
            entry_count=sum(len(one.entries) for one in page.transactions),
            rules_version=page.rules_version,
            head=page.head,
            secret=self.secret(run.partition),
            may_cross=run.may_cross,
            written_at=stored.written_at,
            condemned=tuple(
                Condemned(one.record.position.offset, one.reason) for one in page.dead_letters
            ),
        )

    def named(self, commands: Sequence[LoggedCommand]) -> Named:
        """What the commands name by id."""
        ids = ids_named(commands)
        return Named(
            {one: self.holds[one] for one in ids.holds if one in self.holds},
            {one: self._reversible(one) for one in ids.transactions if one in self.transactions},
            {one.transaction_id for one in self.dead_letters} & set(ids.dead_letters),
        )

    def _reversible(self, transaction_id: UUID) -> Reversible:
        one = self.transactions[transaction_id]
        reversed_amount = self.reversed_amounts.get(transaction_id, 0)
        return Reversible(one.command.type, one.money, one.entries, reversed_amount)

    def _store_transaction(self, transaction: Transaction) -> None:
        command = transaction.command
        self.transactions[command.transaction_id] = transaction
        if isinstance(command.order, Reverse) and transaction.rejection is None:
            reversed_id = command.order.reversed_id
            before = self.reversed_amounts.get(reversed_id, 0)
            self.reversed_amounts[reversed_id] = before + taken_back(transaction.money)
        if command.idempotency_key is not None:
            self.by_key.setdefault((command.client, command.idempotency_key), transaction)
        for entry in transaction.entries:
            self.entries.setdefault(entry.account, []).append((entry, transaction))
