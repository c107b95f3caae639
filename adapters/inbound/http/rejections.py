"""What a rejected command is to a client that waited for it."""

from collections.abc import Mapping
from typing import Final

from adapters.inbound.http.problem_codes import ProblemCode
from adapters.inbound.http.problems import Problem
from adapters.representations import Json, Representations
from core.entities.transaction import Rejection, RejectionCode

_REASONS: Final = {
    RejectionCode.ACCOUNT_NOT_FOUND: "There is no such account to take money from.",
    RejectionCode.INSUFFICIENT_FUNDS: "The account has less available than that.",
    RejectionCode.BALANCE_LIMIT_EXCEEDED: "The balance would be larger than a balance can be.",
    RejectionCode.ACCOUNT_FROZEN: "The account is frozen for this.",
    RejectionCode.ACCOUNT_CLOSED: "The account is closed.",
    RejectionCode.BALANCE_NOT_ZERO: "An account with money, or with money held, stays open.",
    RejectionCode.OVERDRAFT_IN_USE: "More than that limit is in use.",
    RejectionCode.HOLD_NOT_FOUND: "No hold was placed under this id.",
    RejectionCode.HOLD_CLOSED: "The hold is not open any more.",
    RejectionCode.HOLD_EXCEEDED: "The hold has less left than that.",
    RejectionCode.TRANSACTION_NOT_FOUND: "There is no transaction of this id.",
    RejectionCode.NOT_REVERSIBLE: "This transaction cannot be reversed, or not in parts.",
    RejectionCode.REVERSAL_EXCEEDED: "Less than that of the transaction is not reversed yet.",
    RejectionCode.SAME_ACCOUNT: "The money would go to the account that it comes from.",
    RejectionCode.INVALID_AMOUNT: "The amount has more decimals than its currency.",
    RejectionCode.DISCARDED: "The command could not be read, and an operator gave it up.",
}


def rejection_problem(
    rejection: Rejection, transaction: Json, shapes: Representations, headers: Mapping[str, str]
) -> Problem:
    """A problem with all that explains the rejection, and the rejected `transaction`."""
    return Problem(
        status=422,
        code=ProblemCode(rejection.code.value),
        detail=_REASONS[rejection.code],
        members=shapes.rejection(rejection) | {"transaction": transaction},
        headers=headers,
    )
