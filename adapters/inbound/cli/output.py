"""What the operator sees: tables and sentences, or the API's own JSON for scripts."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from adapters.inbound.cli.answers import JsonObject
from adapters.inbound.cli.columns import ATTEMPTS, ENTRIES, LEGS, Column
from adapters.inbound.cli.content import content_lines
from adapters.inbound.cli.safe_text import json_text, safe_text

_WIDE: Final = 250
"""Characters in a line that no terminal shows: files and pipes have no edge."""
_LISTS: Final = {"entries": ENTRIES, "legs": LEGS, "attempts_made": ATTEMPTS}


@dataclass(frozen=True, slots=True)
class Output:
    """Prints to standard output what was asked for, and to standard error what was not."""

    as_json: bool

    def one(self, body: JsonObject) -> None:
        """A transaction, a receipt, a hold, an account."""
        if self.as_json:
            self.json(body)
            return
        details = Table.grid(padding=(0, 2))
        for name, value in body.items():
            if value is not None and name not in _LISTS:
                details.add_row(Text(_label(name)), Text(_shown(value)))
        _print(details)
        for name, columns in _LISTS.items():
            if isinstance(body.get(name), list) and body[name]:
                _print(_table(columns, [one for one in body[name] if isinstance(one, dict)]))

    def many(
        self,
        columns: Sequence[Column],
        rows: Sequence[JsonObject],
        row_of: Callable[[JsonObject], JsonObject] | None = None,
    ) -> None:
        """A page of a list: as JSON, a line for each; else a row that `row_of` makes of each."""
        if self.as_json:
            for row in rows:
                self.json(row)
        elif rows:
            _print(_table(columns, rows if row_of is None else map(row_of, rows)))

    def json(self, body: object) -> None:
        """One line of JSON."""
        sys.stdout.write(json_text(body) + "\n")

    def content(self, label: str, content: bytes | None, most_bytes: int) -> None:
        """Bytes under a heading: text where they are UTF-8, or else in hexadecimal; only the first
        of many. Nothing as JSON.
        """
        if self.as_json:
            return
        size = "none" if content is None else f"{len(content)} bytes"
        sys.stdout.write(f"\n{safe_text(label)} ({size})\n")
        for line in content_lines((content or b"")[:most_bytes]):
            sys.stdout.write(f"  {line}\n")
        if content is not None and len(content) > most_bytes:
            sys.stdout.write(f"  … and {len(content) - most_bytes} bytes more\n")

    def heading(self, text: str) -> None:
        """A line above a table; nothing as JSON."""
        if not self.as_json:
            _print(Text(text))

    def note(self, text: str) -> None:
        """A sentence beside the result."""
        Console(stderr=True, soft_wrap=True).print(Text(safe_text(text)))

    def more(self) -> None:
        """That a list ends before what it is a list of."""
        self.note("There are more: --all shows them all, --limit N so many.")

    def failure(self, text: str) -> None:
        """Why it was not done."""
        self.note(f"counterfoil: {text}")


def _table(columns: Sequence[Column], rows: Iterable[JsonObject]) -> Table:
    rows = list(rows)
    used = [one for one in columns if any(row.get(one.field) is not None for row in rows)]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in used:
        table.add_column(
            column.label,
            justify="right" if column.is_number else "left",
            overflow="fold",
            no_wrap=not column.is_text,
            # Rich takes a heading of two words for narrower than it lets it become.
            min_width=len(column.label),
        )
    for row in rows:
        table.add_row(*(Text(safe_text(row.get(one.field))) for one in used))
    return table


def _print(what: Table | Text) -> None:
    console = Console()
    width = console.width if console.is_terminal else _WIDE
    # Rather a line that the terminal breaks than an amount that lost its last digits.
    needed = Measurement.get(console, console.options.update(width=_WIDE), what).minimum
    Console(width=max(width, needed)).print(what)


def _label(name: str) -> str:
    return safe_text(name).replace("_", " ")


def _shown(value: object) -> str:
    if not isinstance(value, dict):
        return safe_text(value)
    known = {name: one for name, one in value.items() if one is not None}
    return ", ".join(f"{safe_text(name)}={safe_text(one)}" for name, one in known.items())
