"""`hold place`, `capture`, `void`, `show`, `list`."""

from typing import Annotated
from uuid import UUID

import typer

from core.usecases.drafts import CaptureDraft, HoldDraft, OrderDraft, VoidDraft
from entrypoints.client.giving import giving
from entrypoints.client.options import (
    DEFAULT_LIMIT,
    DEFAULT_URL,
    All,
    Amount,
    Currency,
    Json,
    Limit,
    PartOf,
    Url,
    User,
    user_id,
)
from entrypoints.client.running import perform

Hold = Annotated[UUID, typer.Argument(metavar="HOLD", help="The hold's id.")]
Receiver = Annotated[
    str | None,
    typer.Option("--to", parser=user_id, help="Who gets the money.", metavar="USER"),
]

app = typer.Typer(
    help="Set money aside, take it, free it.\n\nExample: counterfoil hold place alice 20 --to shop",
    no_args_is_help=True,
)


@giving(app, "place")
def place(
    user: User,
    amount: Amount,
    currency: Currency = None,
    to: Receiver = None,
    expires_in: Annotated[
        int | None,
        typer.Option("--expires-in", min=1, help="How long it lasts.", metavar="SECONDS"),
    ] = None,
) -> OrderDraft:
    """Set money aside; the transaction's id is the hold's.

    Example: counterfoil hold place alice 20 --to shop --expires-in 600
    """
    return HoldDraft(user, amount, currency, to, None if expires_in is None else str(expires_in))


@giving(app, "capture")
def capture(
    hold: Hold,
    amount: PartOf = None,
    to: Receiver = None,
    not_final: Annotated[
        bool, typer.Option("--not-final", help="Keep the rest set aside; otherwise it comes free.")
    ] = False,
) -> OrderDraft:
    """Move held money to its receiver.

    Example: counterfoil hold capture 01a20697-bf10-7a66-98df-82d7a32740d9 --amount 10 --not-final
    """
    return CaptureDraft(str(hold), amount, to, final=not not_final)


@giving(app, "void")
def void(hold: Hold) -> OrderDraft:
    """Free what is left of a hold.

    Example: counterfoil hold void 01a20697-bf10-7a66-98df-82d7a32740d9
    """
    return VoidDraft(str(hold))


@app.command("show")
def show(hold: Hold, url: Url = DEFAULT_URL, as_json: Json = False) -> None:
    """Show how a hold stands.

    Example: counterfoil hold show 01a20697-bf10-7a66-98df-82d7a32740d9
    """
    perform(url, as_json, lambda client: client.reading.hold(str(hold)))


@app.command("list")
def list_holds(
    user: User,
    *,
    status: Annotated[
        str | None,
        typer.Option("--status", help="open, captured, voided or expired.", metavar="STATUS"),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    all_: All = False,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """List a user's holds, the newest first.

    Example: counterfoil hold list alice --status open
    """
    perform(
        url, as_json, lambda client: client.reading.holds(user, status, None if all_ else limit)
    )
