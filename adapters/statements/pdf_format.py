"""PDF, for people."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from adapters.representations import Representations
from adapters.statements.format import EntryRuns
from adapters.statements.pdf_document import PdfDocument
from core.entities.statement import StatementHead
from core.refusals import InvalidFieldError

MAX_PDF_ENTRIES: Final = 20_000
"""Some 600 pages. reportlab keeps all pages of a document in memory until it is written."""
_PIECE_BYTES: Final = 64 * 1024
_DRAWING: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pdf")
"""One thread draws for all, as reportlab's fonts are not made for several. Starts when needed."""


@dataclass(frozen=True, slots=True)
class PdfFormat:
    """A4 pages with a table of the entries. References are shown whole; characters that the
    embedded fonts do not have, and those beyond U+FFFF, are squares.
    """

    representations: Representations

    name = "pdf"
    content_type = "application/pdf"
    extension = "pdf"

    def write(self, head: StatementHead, runs: EntryRuns) -> AsyncIterator[bytes]:
        """The file, complete before its first piece comes; refused if it has too many entries."""
        if head.entry_count > MAX_PDF_ENTRIES:
            raise InvalidFieldError(
                "format",
                f"must not be pdf for more than {MAX_PDF_ENTRIES} entries, and these are "
                f"{head.entry_count}; csv has no such limit",
            )
        return self._pieces(head, runs)

    async def _pieces(self, head: StatementHead, runs: EntryRuns) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        amount = self.representations.amounts(head.account.currency)
        document = await loop.run_in_executor(_DRAWING, PdfDocument, head, amount)
        async for run in runs:
            await loop.run_in_executor(_DRAWING, document.add, run)
        pdf = await loop.run_in_executor(_DRAWING, document.finished)
        for start in range(0, len(pdf), _PIECE_BYTES):
            yield pdf[start : start + _PIECE_BYTES]
