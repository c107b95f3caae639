"""`statement`."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from entrypoints.client.options import (
    DEFAULT_LIMIT,
    DEFAULT_URL,
    PANEL,
    All,
    Currency,
    From,
    Json,
    Order,
    To,
    Url,
    User,
)
from entrypoints.client.running import perform

app = typer.Typer()


class StatementFormat(StrEnum):
    """How a statement is written."""

    JSON = "json"
    CSV = "csv"
    PDF = "pdf"
    OFX = "ofx"
    CAMT053 = "camt053"
    HLEDGER = "hledger"


@app.command("statement", rich_help_panel=PANEL)
def statement(
    user: User,
    *,
    currency: Currency = None,
    from_: From = None,
    to: To = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="Only entries of this type.", metavar="TYPE")
    ] = None,
    order: Annotated[
        Order | None, typer.Option("--order", help="desc: the newest first (default).")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help=f"How many, by default {DEFAULT_LIMIT}.", metavar="N"),
    ] = None,
    all_: All = False,
    format_: Annotated[
        StatementFormat | None,
        typer.Option("--format", help="The whole period, oldest first (json: as --json)."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="Into this file.", metavar="FILE"),
    ] = None,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """Show an account's entries with the balance after each, or save a period in a bank's format.

    Example: counterfoil statement alice --from 2026-01-01T00:00:00Z --format pdf -o alice.pdf
    """
    query = {"currency": currency, "from": from_, "to": to}
    if format_ is None or format_ is StatementFormat.JSON:
        if output is not None:
            raise typer.BadParameter("-o wants a --format, other than json")
        pages = query | {"type": type_, "order": (order or Order.DESC).value}
        wanted = None if all_ else limit or DEFAULT_LIMIT
        as_json = as_json or format_ is StatementFormat.JSON
        perform(url, as_json, lambda client: client.statements.show(user, pages, wanted))
        return
    if type_ or order or limit or all_ or as_json:
        raise typer.BadParameter(
            f"{format_.value} is always the whole period: without --type, --order, --limit, --all "
            "and --json"
        )
    if format_ is StatementFormat.PDF and output is None and sys.stdout.isatty():
        raise typer.BadParameter("a PDF is nothing for a terminal: say where it goes with -o FILE")
    written = format_.value
    perform(url, as_json, lambda client: client.statements.save(user, query, written, output))
