"""The books in memory, as the fakes of both sides of the ledger share them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from core.entities.account import Account, AccountKey
from core.entities.command import LoggedCommand
from core.entities.dead_letter import DeadLetter
from core.entities.hold import Hold
from core.entities.log_position import LogPosition
from core.entities.orders import Reverse
from core.entities.page import Named, Page, PageRun, Reversible, taken_back
from core.entities.transaction import Entry, Transaction
from core.posting.naming import ids_named


class Resumption(NamedTuple):
    """An operator's end of a halt."""

    partition: int
    from_offset: int
    at_offset: int
    reason: str


class StoredPage(NamedTuple):
    """A page as it was stored."""

    number: int
    run: PageRun
    page: Page


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
    resumptions: list[Resumption] = field(default_factory=list)

    def store(self, run: PageRun, page: Page) -> None:
        """Write a page down; between its parts nobody else runs."""
        self.pages.append(StoredPage(len(self.pages) + 1, run, page))
        self.dead_letters.extend(page.dead_letters)
        for account in page.accounts:
            self.accounts[account.key] = account
        for hold in page.holds:
            self.holds[hold.hold_id] = hold
        for transaction in page.transactions:
            self._store_transaction(transaction)

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
