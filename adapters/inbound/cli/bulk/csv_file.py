"""A CSV file (RFC 4180, UTF-8) with a header row, read in bounded memory as often as needed."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from adapters.inbound.cli.bulk.rows import COLUMNS, METADATA_PREFIX, Row, RowReader
from adapters.inbound.cli.failures import NotDoneError
from adapters.inbound.cli.safe_text import safe_text
from core.refusals import InvalidFieldError

MAX_LINE_BYTES: Final = 128 * 1024
MAX_COLUMNS: Final = 100
REJECTED_PREFIX: Final = "rejected_"
"""Columns of a file of rejected rows, which can be imported as it is."""
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class BadRowError(NotDoneError):
    """A row that is no command; the message begins with its line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line:,}: {safe_text(reason)}")


class BadFileError(NotDoneError):
    """Nothing can be read from here on."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """An open file that can be read from its start again."""

    stream: BinaryIO
    read_row: RowReader

    def rows(self) -> "Iterator[Row | BadRowError]":
        """Every row, in order, or what is wrong with it. Raises `BadFileError`."""
        self.stream.seek(0)
        lines = _Lines(self.stream)
        records = csv.reader(lines, strict=True)
        try:
            header = tuple(next(records, ()))
            _check_header(header)
            first_line = lines.number + 1
            for cells in records:
                if cells:
                    yield self._row(first_line, header, tuple(cells))
                first_line = lines.number + 1
        except csv.Error as error:
            raise BadFileError(
                f"line {lines.number:,}: it is not well-formed CSV: {error}"
            ) from None

    def header(self) -> tuple[str, ...]:
        """The names of the columns. Raises `BadFileError`."""
        self.stream.seek(0)
        try:
            return tuple(next(csv.reader(_Lines(self.stream), strict=True), ()))
        except csv.Error as error:
            raise BadFileError(f"the header is not well-formed CSV: {error}") from None

    def _row(self, line: int, header: Sequence[str], cells: tuple[str, ...]) -> Row | BadRowError:
        if len(cells) != len(header):
            return BadRowError(line, f"it has {len(cells)} cells, the header {len(header)}")
        named = {
            column: cell
            for column, cell in zip(header, cells, strict=True)
            if cell and not column.startswith(REJECTED_PREFIX)
        }
        try:
            return self.read_row(line, cells, named)
        except InvalidFieldError as error:
            return BadRowError(line, str(error))


class _Lines:
    """The lines of a file as text, counted, each of bounded length. Raises `BadFileError`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._stream.readline(MAX_LINE_BYTES + 1):
            self.number += 1
            if len(line) > MAX_LINE_BYTES:
                raise BadFileError(
                    f"line {self.number:,}: it is longer than {MAX_LINE_BYTES:,} bytes"
                )
            if self.number == 1:
                line = line.removeprefix(_BYTE_ORDER_MARK)
            try:
                yield line.decode()
            except UnicodeDecodeError:
                raise BadFileError(f"line {self.number:,}: it is not UTF-8") from None


def open_file(path: Path) -> BinaryIO:
    """The file, open. Raises `NotDoneError`.

    It is read twice, once to check all of it and once to send it, which no pipe bears.
    """
    if str(path) == "-" or not (path.is_file() or not path.exists()):
        raise NotDoneError(
            "the whole file is checked before anything is sent, so it must be a file that can be "
            "read twice: save the rows into one"
        )
    try:
        return path.open("rb")
    except OSError as error:
        raise NotDoneError(f"{path} cannot be read: {error.strerror}") from error


def _check_header(header: Sequence[str]) -> None:
    if not header:
        raise BadFileError("line 1: there is no header row with the names of the columns")
    if len(header) > MAX_COLUMNS:
        raise BadFileError(f"line 1: there are more than {MAX_COLUMNS} columns")
    for column in header:
        if header.count(column) > 1:
            raise BadFileError(f"line 1: the column {safe_text(column)!r} is there twice")
        if not _is_known(column):
            known = ", ".join(sorted(COLUMNS))
            raise BadFileError(
                f"line 1: there is no column {safe_text(column)!r}; the columns are {known}, "
                f"and {METADATA_PREFIX}NAME"
            )
    if "amount" not in header:
        raise BadFileError("line 1: the column 'amount' is missing")


def _is_known(column: str) -> bool:
    own = column.startswith(METADATA_PREFIX) and len(column) > len(METADATA_PREFIX)
    return own or column in COLUMNS or column.startswith(REJECTED_PREFIX)
