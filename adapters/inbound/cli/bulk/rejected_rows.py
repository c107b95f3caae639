"""The file of the rows that were not posted: as they were, and why not."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from adapters.inbound.cli.bulk.csv_file import REJECTED_PREFIX
from adapters.inbound.cli.bulk.outcomes import Outcome
from adapters.inbound.cli.failures import NotDoneError

_FORMULA: Final = ("=", "+", "-", "@")
_REASONS: Final = tuple(REJECTED_PREFIX + name for name in ("line", "code", "detail"))


def rejected_file(file: Path) -> Path:
    """`payouts.csv` has `payouts.rejected.csv` beside it."""
    return file.with_name(f"{file.stem}.rejected{file.suffix or '.csv'}")


class RejectedRows:
    """Writes rows into a file, which is made anew for the first of them. Enter it before.

    The file can be imported in its turn, under a name of its own: its reasons are not read.
    """

    def __init__(self, file: Path, header: Sequence[str]) -> None:
        self._file = file
        self._header = header
        self._kept = [at for at, name in enumerate(header) if not name.startswith(REJECTED_PREFIX)]
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        """Nothing is written yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Write these down. Raises `NotDoneError`."""
        if not outcomes:
            return
        try:
            stream = self._opened()
            csv.writer(stream).writerows(self._cells(one) for one in outcomes)
            stream.flush()
        except OSError as error:
            raise NotDoneError(f"{self._file} cannot be written: {error.strerror}") from error

    def _opened(self) -> TextIO:
        if self._stream is None:
            self._stream = self._file.open("w", encoding="utf-8", newline="")
            csv.writer(self._stream).writerow([*self._of_row(self._header), *_REASONS])
        return self._stream

    def _cells(self, outcome: Outcome) -> Sequence[str]:
        row = outcome.keyed.row
        return [*self._of_row(row.cells), str(row.line), outcome.code, _inert(outcome.detail)]

    def _of_row(self, cells: Sequence[str]) -> Sequence[str]:
        return [cells[at] for at in self._kept]


def _inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
