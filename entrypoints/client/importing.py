"""`import`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from entrypoints.client.options import DEFAULT_URL, PANEL, Currency, Json, Url
from entrypoints.client.running import perform

app = typer.Typer()


class RowType(StrEnum):
    """What a row can be."""

    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"
    TRANSFER = "transfer"


@app.command("import", rich_help_panel=PANEL)
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8, with a header row.")],
    *,
    type_: Annotated[
        RowType | None, typer.Option("--type", help="Of rows that do not say theirs.")
    ] = None,
    currency: Currency = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            help="The import's name: equal rows of one name are posted once. By default the file's "
            "name, without its folder.",
            metavar="NAME",
        ),
    ] = None,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """Post the rows of a CSV file, each of them once, however often it is imported.

    Columns: type (deposit, withdraw, transfer), user_id, or from_user_id and to_user_id for a
    transfer, amount, currency, reference, metadata.NAME, idempotency_key. All but amount and the
    users may be left out.

    The whole file is checked before anything is sent. An import that was interrupted goes on where
    it was when it is given again: every row has an idempotency key, made of the import's name, its
    content and its number among equal rows, or its own. So rows may be appended or put in another
    order; a row that is edited is a new row.

    The commands of one user are decided in the file's order, and so is whoever pays with money that
    an earlier row brings. Rows that are not posted end up in FILE.rejected.csv, with the reasons.

    Example: counterfoil import payouts.csv --type deposit --currency EUR --name payouts-2026-11
    """
    called = file.name if name is None else name
    row_type = None if type_ is None else type_.value
    perform(url, as_json, lambda client: client.import_file(file, called, row_type, currency))
