"""`deposit`, `withdraw`, `transfer`, `reverse`."""

from typing import Annotated
from uuid import UUID

import typer

from core.usecases.drafts import (
    DepositDraft,
    LegDraft,
    OrderDraft,
    ReverseDraft,
    TransferDraft,
    WithdrawalDraft,
)
from entrypoints.client.giving import giving
from entrypoints.client.options import PANEL, Amount, Currency, PartOf, User, user_id

app = typer.Typer()


@giving(app, "deposit", PANEL)
def deposit(user: User, amount: Amount, currency: Currency = None) -> OrderDraft:
    """Pay money into an account.

    Example: counterfoil deposit alice 100.50 --reference "order 17"
    """
    return DepositDraft(user, amount, currency)


@giving(app, "withdraw", PANEL)
def withdraw(user: User, amount: Amount, currency: Currency = None) -> OrderDraft:
    """Pay money out of an account.

    Example: counterfoil withdraw alice 20 --currency EUR
    """
    return WithdrawalDraft(user, amount, currency)


@giving(app, "transfer", PANEL)
def transfer(
    from_user: Annotated[str, typer.Argument(parser=user_id, metavar="FROM", help="Who pays.")],
    to_user: Annotated[str, typer.Argument(parser=user_id, metavar="TO", help="Who is paid.")],
    amount: Amount,
    currency: Currency = None,
) -> OrderDraft:
    """Move money from one user to another one.

    Example: counterfoil transfer alice bob 30.50 --metadata reason=rent
    """
    return TransferDraft((LegDraft(from_user, to_user, amount, currency),), one_leg=True)


@giving(app, "reverse", PANEL)
def reverse(
    transaction: Annotated[UUID, typer.Argument(metavar="TRANSACTION", help="What to reverse.")],
    amount: PartOf = None,
) -> OrderDraft:
    """Give back what a transaction moved, as a transaction of its own.

    Example: counterfoil reverse 8ccb3972-ea4a-8a66-9fd0-3b8e3e7866ee --amount 40
    """
    return ReverseDraft(str(transaction), amount)
