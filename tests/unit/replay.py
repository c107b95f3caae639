"""Posting page after page, as a ledger does, with nothing but the rules."""

from collections.abc import Sequence

from adapters.outbound.memory.books import MemoryBooks
from core.entities.command import Command, LoggedCommand
from core.entities.page import LedgerState, Page, PageRun
from core.entities.transaction import Entry, Rejection, RejectionCode, Transaction
from core.posting.post import post
from tests.builders import NOON, logged


class Replay:
    """Books that begin empty. Commands lie in partition 0, one offset after the other."""

    def __init__(self) -> None:
        self.books = MemoryBooks()
        self.pages: list[Page] = []
        self._next_offset = 0

    def state(self, commands: Sequence[LoggedCommand]) -> LedgerState:
        """All that there is, which is more than the commands name."""
        fingerprints = {
            one: transaction.command.fingerprint
            for one, transaction in self.books.transactions.items()
        }
        return LedgerState(dict(self.books.accounts), fingerprints, self.books.named(commands))

    def post_logged(self, commands: Sequence[LoggedCommand]) -> Page:
        """Post a page."""
        page = post(commands, self.state(commands))
        self.books.store(PageRun(0, 1, 0, 0, b"", 0), page, NOON)
        self.pages.append(page)
        return page

    def post(self, *commands: Command) -> list[Transaction]:
        """Post a page of these, all at noon; what became of them."""
        page_logged = [
            logged(one, offset, partition=0, at=NOON)
            for offset, one in enumerate(commands, self._next_offset)
        ]
        self._next_offset += len(commands)
        return list(self.post_logged(page_logged).transactions)

    def code(self, one: Command) -> RejectionCode | None:
        """Post it alone; why it was rejected, if it was."""
        (transaction,) = self.post(one)
        return transaction.rejection and transaction.rejection.code

    def rejection(self, one: Command) -> Rejection:
        """Post it alone; its rejection."""
        (transaction,) = self.post(one)
        assert transaction.rejection is not None
        return transaction.rejection

    @property
    def transactions(self) -> list[Transaction]:
        """All of them, in order."""
        return [one for page in self.pages for one in page.transactions]

    @property
    def entries(self) -> list[Entry]:
        """All of them, in order."""
        return [entry for one in self.transactions for entry in one.entries]
