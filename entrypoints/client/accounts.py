"""`account show`, `set`, `list`."""

from typing import Annotated

import typer

from core.usecases.drafts import AccountDraft, OrderDraft
from entrypoints.client.giving import giving
from entrypoints.client.options import (
    DEFAULT_LIMIT,
    DEFAULT_URL,
    All,
    Currency,
    Json,
    Limit,
    Url,
    User,
)
from entrypoints.client.running import perform

_STATUSES = "open, frozen_debits, frozen_credits, frozen or closed"

Status = Annotated[str | None, typer.Option("--status", help=_STATUSES, metavar="STATUS")]

app = typer.Typer(
    help=(
        "Show accounts, and set their limits and status.\n\n"
        "Example: counterfoil account set alice --overdraft-limit 50"
    ),
    no_args_is_help=True,
)


@app.command("show")
def show(
    user: User, currency: Currency = None, url: Url = DEFAULT_URL, as_json: Json = False
) -> None:
    """Show an account: balance, limits, status, metadata.

    Example: counterfoil account show alice --currency EUR
    """
    perform(url, as_json, lambda client: client.reading.account(user, currency))


@giving(app, "set")
def set_account(
    user: User,
    currency: Currency = None,
    overdraft_limit: Annotated[
        str | None,
        typer.Option("--overdraft-limit", help="How far below zero it may go.", metavar="AMOUNT"),
    ] = None,
    status: Status = None,
) -> OrderDraft:
    """Change an account; what is not given stays. Metadata replaces the account's as a whole.

    Example: counterfoil account set alice --status frozen_debits --overdraft-limit 50
    """
    return AccountDraft(user, currency, overdraft_limit, status)


@app.command("list")
def list_accounts(
    *,
    status: Status = None,
    currency: Annotated[
        str | None,
        typer.Option("--currency", help="Only accounts in this one.", metavar="CODE"),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    all_: All = False,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """List accounts.

    Example: counterfoil account list --status frozen --all --json
    """
    query = {"status": status, "currency": currency}
    perform(url, as_json, lambda client: client.reading.accounts(query, None if all_ else limit))
