"""The operations that accept commands."""

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.inbound.http.api_handlers import ApiOperation
from adapters.inbound.http.batch_body import NDJSON
from adapters.inbound.http.operation import Answer, AnyOf, Body, Parameter, Tag
from adapters.inbound.http.order_bodies import ORDER_BODIES
from adapters.inbound.http.parameters import (
    APPLIED,
    HOLD_ID,
    KEY,
    LOCATION,
    PREFER_WAIT,
    REPLAYED,
    REQUEST_ID,
    TRANSACTION_ID,
    USER_ID,
)
from adapters.inbound.http.problem_codes import ProblemCode as Code
from adapters.inbound.http.schemas.answers import BatchResults, Receipt
from adapters.inbound.http.schemas.batches import BatchBody
from adapters.schemas.transactions import PostedTransaction
from core.entities.orders import CommandType

_HEADERS: Final = (KEY, PREFER_WAIT, REQUEST_ID)
BODY_PROBLEMS: Final[Mapping[int, Sequence[Code]]] = {
    400: (Code.MALFORMED_BODY, Code.MALFORMED_REQUEST),
    408: (Code.BODY_TIMEOUT,),
    413: (Code.BODY_TOO_LARGE,),
    415: (Code.UNSUPPORTED_MEDIA_TYPE, Code.UNSUPPORTED_CONTENT_ENCODING),
}
_RECEIVING: Final = (Code.ACCOUNT_FROZEN, Code.ACCOUNT_CLOSED, Code.BALANCE_LIMIT_EXCEEDED)
_PAYING: Final = (
    Code.ACCOUNT_NOT_FOUND,
    Code.INSUFFICIENT_FUNDS,
    Code.ACCOUNT_FROZEN,
    Code.ACCOUNT_CLOSED,
)
_MOVING: Final = (*_PAYING, Code.BALANCE_LIMIT_EXCEEDED, Code.SAME_ACCOUNT)
_NAMED: Final[Mapping[str, tuple[Parameter, Sequence[Code]]]] = {
    "hold_id": (HOLD_ID, (Code.HOLD_NOT_FOUND,)),
    "transaction_id": (TRANSACTION_ID, (Code.TRANSACTION_NOT_FOUND,)),
    "user_id": (USER_ID, ()),
}
"""What a path names, and with which code nothing of that name can be."""


def _command(
    type_: CommandType,
    path: str,
    summary: str,
    description: str,
    *rejections: Code,
    method: str = "POST",
) -> ApiOperation:
    shapes, _, _, named_by = ORDER_BODIES[type_]
    named, not_found = ((), ()) if named_by is None else _named(named_by)
    unknown = {404: not_found} if not_found else {}
    return ApiOperation(
        method=method,
        path=path,
        handler=lambda handlers: handlers.commands.accepting(type_, named_by),
        operation_id=type_.value,
        tag=Tag.COMMANDS,
        summary=summary,
        description=description,
        path_parameters=named,
        headers=_HEADERS,
        bodies=(Body(AnyOf(shapes), is_required=named_by is None),),
        answers=_ANSWERS,
        problems={
            **BODY_PROBLEMS,
            **unknown,
            422: (Code.INVALID_FIELD, Code.IDEMPOTENCY_CONFLICT, *rejections, Code.DISCARDED),
            503: (Code.LOG_UNAVAILABLE, Code.PIPELINE_FULL),
        },
    )


def _named(named_by: str) -> tuple[Sequence[Parameter], Sequence[Code]]:
    parameter, not_found = _NAMED[named_by]
    return (parameter,), not_found


_ANSWERS: Final = (
    Answer(
        201,
        "Posted: to a client that preferred to wait.",
        PostedTransaction,
        headers=(LOCATION, REPLAYED, APPLIED),
    ),
    Answer(
        202,
        "Accepted: durable in the log, and decided later.",
        Receipt,
        headers=(LOCATION, REPLAYED, APPLIED),
    ),
)

COMMANDS: Final[tuple[ApiOperation, ...]] = (
    _command(
        CommandType.DEPOSIT,
        "/deposit",
        "Bring money in",
        "From the house to the user, whose account opens if it must.",
        *_RECEIVING,
    ),
    _command(
        CommandType.WITHDRAW,
        "/withdraw",
        "Take money out",
        "From the user to the house: no more than is available.",
        *_PAYING,
    ),
    _command(
        CommandType.TRANSFER,
        "/transfer",
        "Move money between users",
        "One leg, or several as one transaction: all or nothing, taken in their order, in one "
        "currency or several. A receiver's account opens if it must.",
        *_MOVING,
    ),
    _command(
        CommandType.HOLD,
        "/hold",
        "Set money aside",
        "Available falls at once, balance does not. The hold's id is the `transaction_id`. It "
        "lasts until it is captured, voided, or its time is over.",
        *_PAYING,
        Code.BALANCE_LIMIT_EXCEEDED,
    ),
    _command(
        CommandType.CAPTURE,
        "/hold/{hold_id}/capture",
        "Take held money",
        "All that is left, or a part. It is final unless it says otherwise: the rest comes free.",
        Code.HOLD_NOT_FOUND,
        Code.HOLD_CLOSED,
        Code.HOLD_EXCEEDED,
        Code.INVALID_AMOUNT,
        *_MOVING,
    ),
    _command(
        CommandType.VOID,
        "/hold/{hold_id}/void",
        "Free held money",
        "What is left of the hold is available again.",
        Code.HOLD_NOT_FOUND,
        Code.HOLD_CLOSED,
    ),
    _command(
        CommandType.REVERSE,
        "/transactions/{transaction_id}/reverse",
        "Take a transaction back",
        "A new transaction with the opposite entries: in parts up to the whole, which is the "
        "default; one of several legs only as a whole.",
        Code.TRANSACTION_NOT_FOUND,
        Code.NOT_REVERSIBLE,
        Code.REVERSAL_EXCEEDED,
        Code.INVALID_AMOUNT,
        *_PAYING,
        Code.BALANCE_LIMIT_EXCEEDED,
    ),
    _command(
        CommandType.ACCOUNT,
        "/accounts/{user_id}",
        "Change an account",
        "Its overdraft limit, status or metadata; what is not given stays. A command like any "
        "other, in the order of the log. An account that does not exist is opened.",
        Code.OVERDRAFT_IN_USE,
        Code.BALANCE_NOT_ZERO,
        method="PATCH",
    ),
    ApiOperation(
        method="POST",
        path="/batch",
        handler=lambda handlers: handlers.batches.batch,
        operation_id="batch",
        tag=Tag.COMMANDS,
        summary="Ask for many commands at once",
        description="Independent of each other, and in the log in their order: each has its "
        "`type`, the fields of its call, and what is in the path elsewhere. A bad one does not "
        "stop the others. An `Idempotency-Key` covers each item that has none of its own by its "
        "number, counted from 0.",
        headers=_HEADERS,
        bodies=(Body(BatchBody), Body(str, NDJSON)),
        answers=(
            Answer(
                200,
                "Decided, as far as they were in time: to a client that preferred to wait.",
                BatchResults,
                headers=(APPLIED,),
            ),
            Answer(202, "An answer for each, as it would have been given alone.", BatchResults),
        ),
        problems={
            **BODY_PROBLEMS,
            422: (Code.INVALID_FIELD,),
            503: (Code.PIPELINE_FULL,),
        },
    ),
)
