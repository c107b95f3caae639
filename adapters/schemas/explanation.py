"""What explains a rejection: in the rejected transaction, and in the problem that tells of it."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, UnsetType

from adapters.schemas.fields import AmountText, CurrencyCode, UserId
from core.entities.account import AccountStatus
from core.entities.hold import HoldStatus

_Leg = Annotated[str, Meta(description="Which of several legs, counted from 1.", examples=["2"])]
_Reason = Annotated[str, Meta(description="Why an operator gave the command up.")]

EXPLANATION: Final[Sequence[tuple[str, Any, Any]]] = [
    (name, kind | UnsetType, UNSET)
    for name, kind in {
        "user_id": UserId,
        "currency": CurrencyCode,
        "leg": _Leg,
        "needed": AmountText,
        "available": AmountText,
        "amount": AmountText,
        "balance": AmountText,
        "balance_limit": AmountText,
        "held": AmountText,
        "account_status": AccountStatus,
        "overdraft_limit": AmountText,
        "in_use": AmountText,
        "hold_status": HoldStatus,
        "remaining": AmountText,
        "reason": _Reason,
    }.items()
]
"""Fields as `msgspec.defstruct` takes them. Each code has some of them, and none has all."""
