"""Statements: as tables, as the API's JSON, or in the formats of spreadsheets and banks."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.inbound.cli.answers import JsonObject, objects_in
from adapters.inbound.cli.columns import STATEMENT
from adapters.inbound.cli.download import Download, FileSink, ScreenSink, Sink, StreamSink
from adapters.inbound.cli.output import Output
from adapters.inbound.cli.paging import pages
from adapters.inbound.cli.paths import path, with_query
from adapters.inbound.cli.safe_text import safe_text
from adapters.inbound.cli.service import Service

Query = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class StatementVerbs:
    """Each prints or saves a statement. They raise what `Service.get` raises."""

    service: Service
    output: Output

    async def show(self, user_id: str, query: Query, limit: int | None) -> None:
        """Entries with running balance; as JSON, a line for each page of the API's."""
        first, shown = True, 0
        async for page in pages(self.service, path("statement", user_id), query, "entries", limit):
            if first:
                self.output.heading(_heading(page))
                first = False
            self._page(page)
            shown += len(objects_in(page, "entries") or [])
            if shown == limit and page.get("next_cursor") is not None:
                self.output.more()

    async def save(self, user_id: str, query: Query, format_: str, file: Path | None) -> None:
        """The whole period in another format, into a file or to standard output.

        A download that breaks leaves no file behind, and an earlier file as it was. Raises
        `NotDoneError` where the file cannot be written. On a terminal it is taken for text.
        """
        where = with_query(path("statement", user_id), {**query, "format": format_})
        size = await Download(self.service)(where, _sink(file))
        if file is not None:
            self.output.note(f"{file}: {size:,} bytes")

    def _page(self, page: JsonObject) -> None:
        if self.output.as_json:
            self.output.json(page)
        else:
            self.output.many(STATEMENT, objects_in(page, "entries") or [])


def _sink(file: Path | None) -> Sink:
    if file is not None:
        return FileSink(file)
    if sys.stdout.isatty():
        return ScreenSink()
    return StreamSink(sys.stdout.buffer)


def _heading(page: JsonObject) -> str:
    user_id, currency = safe_text(page.get("user_id")), safe_text(page.get("currency"))
    opening = safe_text(page.get("opening_balance"))
    closing = safe_text(page.get("closing_balance"))
    return f"{user_id}  {currency}  opening balance {opening}  closing balance {closing}"
