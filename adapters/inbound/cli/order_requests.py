"""How orders are asked for over HTTP: method, path, body."""

from typing import NamedTuple, assert_never

from adapters.inbound.cli.answers import JsonObject
from adapters.inbound.cli.paths import path
from core.usecases.drafts import (
    AccountDraft,
    CaptureDraft,
    DepositDraft,
    HoldDraft,
    LegDraft,
    OrderDraft,
    ReverseDraft,
    TransferDraft,
    VoidDraft,
    WithdrawalDraft,
)


class OrderRequest(NamedTuple):
    """What to ask. Amounts in the body are texts, as they were written."""

    method: str
    where: str
    body: JsonObject


def order_request(draft: OrderDraft) -> OrderRequest:
    """The request for what `draft` says; what it leaves out is left out."""
    match draft:
        case DepositDraft():
            request = OrderRequest("POST", path("deposit"), draft._asdict())
        case WithdrawalDraft():
            request = OrderRequest("POST", path("withdraw"), draft._asdict())
        case TransferDraft():
            request = OrderRequest("POST", path("transfer"), _transfer(draft))
        case HoldDraft():
            request = OrderRequest("POST", path("hold"), draft._asdict())
        case CaptureDraft():
            where = path("hold", draft.hold_id, "capture")
            request = OrderRequest("POST", where, _without(draft._asdict(), "hold_id"))
        case VoidDraft():
            request = OrderRequest("POST", path("hold", draft.hold_id, "void"), {})
        case ReverseDraft():
            where = path("transactions", draft.transaction_id, "reverse")
            request = OrderRequest("POST", where, {"amount": draft.amount})
        case AccountDraft():
            where = path("accounts", draft.user_id)
            request = OrderRequest("PATCH", where, _without(draft._asdict(), "user_id"))
        case _:
            assert_never(draft)
    return request._replace(body=_given(request.body))


def _transfer(draft: TransferDraft) -> JsonObject:
    if draft.one_leg:
        return draft.legs[0]._asdict()
    return {"legs": [_leg(leg) for leg in draft.legs]}


def _leg(leg: LegDraft) -> JsonObject:
    return _given(leg._asdict())


def _without(body: JsonObject, name: str) -> JsonObject:
    return {field: value for field, value in body.items() if field != name}


def _given(body: JsonObject) -> JsonObject:
    return {field: value for field, value in body.items() if value is not None}
