"""What an answer says about the command that was sent."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

import msgspec

from tests.chaos.history import Attempt, Outcome
from tests.e2e.load import USD

_REFUSED_BEFORE_THE_LOG: Final = {"hold_not_found", "transaction_not_found"}


def minor_units(text: str) -> int:
    """An amount of an answer, which may be negative where something is wrong."""
    return int(Decimal(text).scaleb(USD.exponent))


def unanswered(invoked_at: float, now: float) -> Attempt:
    """The client gave up, or was cut off."""
    return Attempt(invoked_at, now, Outcome.UNKNOWN)


def answered(
    invoked_at: float, now: float, status: int, body: dict[str, Any], *, replayed: bool
) -> Attempt | None:
    """What it says; None where no command should ever get such an answer."""
    told = body.get("transaction", body)
    attempt = Attempt(
        invoked_at,
        now,
        Outcome.OK,
        status=status,
        transaction_id=told.get("transaction_id"),
        position=told.get("position"),
        code=body.get("code"),
        replayed=replayed,
    )
    match status:
        case HTTPStatus.ACCEPTED:
            return attempt
        case HTTPStatus.OK | HTTPStatus.CREATED:
            return _replace(attempt, decided=told["status"])
        case HTTPStatus.UNPROCESSABLE_ENTITY if "transaction" in body:
            return _replace(attempt, decided=told["code"])
        case HTTPStatus.NOT_FOUND if body.get("code") in _REFUSED_BEFORE_THE_LOG:
            return _replace(attempt, outcome=Outcome.FAIL)
        case HTTPStatus.SERVICE_UNAVAILABLE if "may_have_been_accepted" in body:
            unknown = body["may_have_been_accepted"]
            return _replace(attempt, outcome=Outcome.UNKNOWN if unknown else Outcome.FAIL)
        case _:
            return None


def _replace(attempt: Attempt, **changes: Any) -> Attempt:
    return msgspec.structs.replace(attempt, **changes)
