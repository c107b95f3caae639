"""`balance`, `transaction`, `transactions`."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from entrypoints.client.options import (
    DEFAULT_LIMIT,
    DEFAULT_URL,
    PANEL,
    All,
    At,
    Currency,
    From,
    Json,
    Limit,
    Order,
    OrderOption,
    To,
    Url,
    User,
    idempotency_key,
    user_id,
)
from entrypoints.client.running import perform

_ALL_CURRENCIES = "all"

app = typer.Typer()


class Decision(StrEnum):
    """How a transaction was decided."""

    POSTED = "posted"
    REJECTED = "rejected"


@app.command("balance", rich_help_panel=PANEL)
def balance(
    user: User,
    *,
    currency: Currency = None,
    all_: Annotated[bool, typer.Option("--all", help="In every currency.")] = False,
    at: At = None,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """Show how much a user has, has set aside, and can spend.

    Example: counterfoil balance alice --all --at 2026-01-31T00:00:00Z
    """
    if all_ and currency is not None:
        raise typer.BadParameter("--all and --currency cannot be given together")
    wanted = _ALL_CURRENCIES if all_ else currency
    perform(url, as_json, lambda client: client.reading.balance(user, wanted, at))


@app.command("transaction", rich_help_panel=PANEL)
def transaction(
    id_: Annotated[UUID, typer.Argument(metavar="TRANSACTION", help="The transaction's id.")],
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """Show what became of a command: pending, posted or rejected.

    Example: counterfoil transaction 8ccb3972-ea4a-8a66-9fd0-3b8e3e7866ee
    """
    perform(url, as_json, lambda client: client.reading.transaction(str(id_)))


@app.command("transactions", rich_help_panel=PANEL)
def transactions(
    *,
    user: Annotated[
        str | None, typer.Option("--user", parser=user_id, help="Of this user.", metavar="USER")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="With this reference.", metavar="TEXT")
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="deposit, withdraw, transfer...", metavar="TYPE")
    ] = None,
    status: Annotated[Decision | None, typer.Option("--status", help="How decided.")] = None,
    from_: From = None,
    to: To = None,
    order: OrderOption = Order.DESC,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            parser=idempotency_key,
            help="What became of the command under this idempotency key.",
            metavar="KEY",
        ),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    all_: All = False,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """List decided transactions, or find what became of an idempotency key.

    Example: counterfoil transactions --user alice --status rejected --limit 10
    """
    query = {
        "user_id": user,
        "reference": reference,
        "type": type_,
        "status": None if status is None else status.value,
        "from": from_,
        "to": to,
    }
    if key is None:
        query["order"] = order.value
        wanted = None if all_ else limit
        perform(url, as_json, lambda client: client.reading.transactions(query, wanted))
        return
    if any(query.values()):
        raise typer.BadParameter("--key stands alone: it names one transaction")
    perform(url, as_json, lambda client: client.reading.transactions_of_key(key))
