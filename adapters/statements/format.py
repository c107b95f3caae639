"""What a format of statements is."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from core.entities.statement import StatementEntry, StatementHead

EntryRuns = AsyncIterator[Sequence[StatementEntry]]
"""All of a period's entries, oldest first, as they come from the ledger: in runs of any length."""


class StatementFormat(Protocol):
    """Writes the statement of a whole period, with memory and event loop in bounds."""

    @property
    def name(self) -> str:
        """What it is called in a query."""
        ...

    @property
    def content_type(self) -> str:
        """Its media type, with parameters."""
        ...

    @property
    def extension(self) -> str:
        """What its files' names end with, without a dot."""
        ...

    def write(self, head: StatementHead, runs: EntryRuns) -> AsyncIterator[bytes]:
        """The file's bytes, piece by piece, while `runs` is read. Who gives `runs` closes it.

        Raises `InvalidFieldError` (field `format`) at once, before anything is read or written,
        if the format cannot hold the statement.
        """
        ...
