"""CSV as RFC 4180 has it."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.representations import Representations, time_text
from adapters.statements.format import EntryRuns
from adapters.statements.streaming import streamed
from core.entities.statement import StatementEntry, StatementHead

COLUMNS: Final = (
    "sequence",
    "posted_at",
    "type",
    "amount",
    "balance_after",
    "currency",
    "other_user_id",
    "reference",
    "transaction_id",
    "reverses",
    "hold_id",
)
# OWASP, "CSV Injection": what spreadsheets take for the beginning of a formula.
_FORMULA_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """A header row, then a row for each entry, and nothing else: every row has the same columns.

    The opening and closing balance have no row of their own: `balance_after` tells them.
    """

    representations: Representations

    name = "csv"
    content_type = "text/csv; charset=utf-8; header=present"
    extension = "csv"

    def write(self, head: StatementHead, runs: EntryRuns) -> AsyncIterator[bytes]:
        """The file, piece by piece."""
        currency = head.account.currency
        amount = self.representations.amounts(currency)

        def row(entry: StatementEntry) -> tuple[str | int, ...]:
            return (
                entry.sequence,
                time_text(entry.posted_at),
                entry.type.value,
                amount(entry.amount),
                amount(entry.balance_after),
                currency,
                _text(entry.other_user_id),
                _text(entry.reference),
                str(entry.transaction_id),
                _id(entry.reverses),
                _id(entry.hold_id),
            )

        def rows(entries: Sequence[StatementEntry]) -> str:
            return _lines([row(entry) for entry in entries])

        return streamed(_lines([COLUMNS]), rows, "", runs)


def _lines(rows: Sequence[Sequence[str | int]]) -> str:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue()


def _text(text: str | None) -> str:
    """A text cell that no spreadsheet takes for a formula."""
    if text is None:
        return ""
    return f"'{text}" if text.startswith(_FORMULA_BEGINNINGS) else text


def _id(one: UUID | None) -> str:
    return "" if one is None else str(one)
