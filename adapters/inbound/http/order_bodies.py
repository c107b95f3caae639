"""The bodies of commands: which fields each has, and the draft that they make."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from adapters.inbound.http.json_body import JsonObject
from adapters.inbound.http.schemas.commands import (
    AccountBody,
    CaptureBody,
    DepositBody,
    HoldBody,
    LegBody,
    ReverseBody,
    TransferBody,
    TransferLegsBody,
    VoidBody,
    WithdrawalBody,
)
from core.entities.command import ANONYMOUS_CLIENT
from core.entities.orders import CommandType
from core.usecases.drafts import (
    AccountDraft,
    CaptureDraft,
    CommandDraft,
    DepositDraft,
    HoldDraft,
    LegDraft,
    OrderDraft,
    ReverseDraft,
    TransferDraft,
    VoidDraft,
    WithdrawalDraft,
)

_LEG: Final = frozenset(LegBody.__struct_fields__)
_OF_LEGS: Final = frozenset(TransferLegsBody.__struct_fields__)


class OrderBody(NamedTuple):
    """What a client may write of one type of command: one of the `shapes`.

    `named_by` is the field that is in the path where the command has a path of its own; elsewhere
    it is one of the body's `fields`.
    """

    shapes: Sequence[type[Struct]]
    read: Callable[[JsonObject], OrderDraft]
    fields: frozenset[str]
    named_by: str | None = None


def _body(
    read: Callable[[JsonObject], OrderDraft], *shapes: type[Struct], named_by: str | None = None
) -> OrderBody:
    fields = frozenset(name for shape in shapes for name in shape.__struct_fields__)
    return OrderBody(shapes, read, fields, named_by)


def order_draft(type_: CommandType, body: JsonObject, named: str | None = None) -> OrderDraft:
    """The draft that a body makes. Raises `ProblemError` naming the field that is wrong.

    `named` is the id or user that the path names.
    """
    _, read, fields, named_by = ORDER_BODIES[type_]
    if named_by is None:
        body.refuse_unknown(fields)
        return read(body)
    if named is None:
        body.refuse_unknown(fields | {named_by})
        return read(body)
    body.refuse_unknown(fields)
    return read(body.with_text(named_by, named))


def command_draft(
    order: OrderDraft, body: JsonObject, key: str | None, request_id: str
) -> CommandDraft:
    """The draft of a command: its order, and what any body may say beside it."""
    return CommandDraft(
        order=order,
        reference=body.optional_text("reference"),
        metadata=body.optional_pairs("metadata"),
        client=ANONYMOUS_CLIENT,
        idempotency_key=key,
        request_id=request_id,
    )


def _deposit(body: JsonObject) -> DepositDraft:
    return DepositDraft(
        body.text("user_id"), body.decimal_text("amount"), body.optional_text("currency")
    )


def _withdrawal(body: JsonObject) -> WithdrawalDraft:
    return WithdrawalDraft(
        body.text("user_id"), body.decimal_text("amount"), body.optional_text("currency")
    )


def _transfer(body: JsonObject) -> TransferDraft:
    if body.fields.get("legs") is None:
        return TransferDraft((_leg(body),), one_leg=True)
    body.refuse_unknown(_OF_LEGS)
    legs = body.objects("legs")
    for leg in legs:
        leg.refuse_unknown(_LEG)
    return TransferDraft(tuple(_leg(leg) for leg in legs))


def _leg(body: JsonObject) -> LegDraft:
    return LegDraft(
        body.text("from_user_id"),
        body.text("to_user_id"),
        body.decimal_text("amount"),
        body.optional_text("currency"),
    )


def _hold(body: JsonObject) -> HoldDraft:
    return HoldDraft(
        user_id=body.text("user_id"),
        amount=body.decimal_text("amount"),
        currency=body.optional_text("currency"),
        to_user_id=body.optional_text("to_user_id"),
        expires_in=body.optional_decimal_text("expires_in"),
        expires_at=body.optional_time("expires_at"),
    )


def _capture(body: JsonObject) -> CaptureDraft:
    return CaptureDraft(
        hold_id=body.text("hold_id"),
        amount=body.optional_decimal_text("amount"),
        to_user_id=body.optional_text("to_user_id"),
        final=body.optional_boolean("final", default=True),
    )


def _void(body: JsonObject) -> VoidDraft:
    return VoidDraft(body.text("hold_id"))


def _reverse(body: JsonObject) -> ReverseDraft:
    return ReverseDraft(body.text("transaction_id"), body.optional_decimal_text("amount"))


def _account(body: JsonObject) -> AccountDraft:
    return AccountDraft(
        user_id=body.text("user_id"),
        currency=body.optional_text("currency"),
        overdraft_limit=body.optional_decimal_text("overdraft_limit"),
        status=body.optional_text("status"),
        metadata=body.optional_pairs("metadata"),
    )


ORDER_BODIES: Final[Mapping[CommandType, OrderBody]] = {
    CommandType.DEPOSIT: _body(_deposit, DepositBody),
    CommandType.WITHDRAW: _body(_withdrawal, WithdrawalBody),
    CommandType.TRANSFER: _body(_transfer, TransferBody, TransferLegsBody),
    CommandType.HOLD: _body(_hold, HoldBody),
    CommandType.CAPTURE: _body(_capture, CaptureBody, named_by="hold_id"),
    CommandType.VOID: _body(_void, VoidBody, named_by="hold_id"),
    CommandType.REVERSE: _body(_reverse, ReverseBody, named_by="transaction_id"),
    CommandType.ACCOUNT: _body(_account, AccountBody, named_by="user_id"),
}
"""Every command that a client can ask for."""
