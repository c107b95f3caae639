"""The books in memory, as the fakes of both sides of the ledger share them."""

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from core.entities.account import Account, AccountKey
from core.entities.dead_letter import DeadLetter
from core.entities.log_position import LogPosition
from core.entities.page import Page, PageRun
from core.entities.transaction import Entry, Transaction


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
    transactions: dict[UUID, Transaction] = field(default_factory=dict)
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
        for transaction in page.transactions:
            self._store_transaction(transaction)

    def _store_transaction(self, transaction: Transaction) -> None:
        command = transaction.command
        self.transactions[command.transaction_id] = transaction
        if command.idempotency_key is not None:
            self.by_key.setdefault((command.client, command.idempotency_key), transaction)
        for entry in transaction.entries:
            self.entries.setdefault(entry.account, []).append((entry, transaction))
