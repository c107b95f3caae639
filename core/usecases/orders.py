"""From what a client wrote to what the ledger is told to do."""

from typing import assert_never

from core.entities.account import AccountStatus
from core.entities.command import MAX_TRANSFER_LEGS
from core.entities.money import Money
from core.entities.orders import (
    CaptureHold,
    ChangeAccount,
    Deposit,
    Order,
    PlaceHold,
    Reverse,
    Transfer,
    TransferLeg,
    VoidHold,
    Withdrawal,
)
from core.refusals import HoldNotFoundError, InvalidFieldError, TransactionNotFoundError
from core.usecases.checks import Checks, our_id
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


def order_of(draft: OrderDraft, checks: Checks) -> Order:
    """The order that a client wrote.

    Raises `InvalidFieldError`; `HoldNotFoundError` or `TransactionNotFoundError` for an id that
    cannot be one.
    """
    order: Order
    match draft:
        case DepositDraft():
            order = Deposit(checks.user_id(draft.user_id), _money(draft, checks))
        case WithdrawalDraft():
            order = Withdrawal(checks.user_id(draft.user_id), _money(draft, checks))
        case TransferDraft():
            order = _transfer(draft, checks)
        case HoldDraft():
            order = _hold(draft, checks)
        case CaptureDraft():
            order = _capture(draft, checks)
        case VoidDraft():
            order = VoidHold(our_id(draft.hold_id, HoldNotFoundError))
        case ReverseDraft():
            reversed_id = our_id(draft.transaction_id, TransactionNotFoundError)
            order = Reverse(reversed_id, checks.optional_decimal(draft.amount))
        case AccountDraft():
            order = _account(draft, checks)
        case _:
            assert_never(draft)
    return order


def _money(
    draft: DepositDraft | WithdrawalDraft | HoldDraft | LegDraft, checks: Checks, within: str = ""
) -> Money:
    currency = checks.currency(draft.currency, f"{within}currency")
    amount = checks.amount(draft.amount, currency, f"{within}amount")
    return Money(amount, currency.code, currency.exponent)


def _transfer(draft: TransferDraft, checks: Checks) -> Transfer:
    if not 1 <= len(draft.legs) <= MAX_TRANSFER_LEGS:
        raise InvalidFieldError("legs", f"must be 1 to {MAX_TRANSFER_LEGS} legs")
    places = [""] if draft.one_leg else [f"legs[{number}]." for number in range(len(draft.legs))]
    return Transfer(
        tuple(_leg(leg, checks, within) for leg, within in zip(draft.legs, places, strict=True))
    )


def _leg(draft: LegDraft, checks: Checks, within: str) -> TransferLeg:
    payer = checks.user_id(draft.from_user_id, f"{within}from_user_id")
    receiver = checks.user_id(draft.to_user_id, f"{within}to_user_id")
    if payer == receiver:
        raise InvalidFieldError(f"{within}to_user_id", "must be another user than from_user_id")
    return TransferLeg(payer, receiver, _money(draft, checks, within))


def _hold(draft: HoldDraft, checks: Checks) -> PlaceHold:
    user_id = checks.user_id(draft.user_id)
    to_user_id = _receiver(draft.to_user_id, checks)
    if to_user_id == user_id:
        raise InvalidFieldError("to_user_id", "must be another user than user_id")
    if draft.expires_in is not None and draft.expires_at is not None:
        raise InvalidFieldError("expires_at", "must not be given beside expires_in")
    return PlaceHold(
        user_id=user_id,
        money=_money(draft, checks),
        to_user_id=to_user_id,
        expires_in=checks.seconds(draft.expires_in, "expires_in"),
        expires_at=draft.expires_at,
    )


def _capture(draft: CaptureDraft, checks: Checks) -> CaptureHold:
    return CaptureHold(
        hold_id=our_id(draft.hold_id, HoldNotFoundError),
        amount=checks.optional_decimal(draft.amount),
        to_user_id=_receiver(draft.to_user_id, checks),
        final=draft.final,
    )


def _account(draft: AccountDraft, checks: Checks) -> ChangeAccount:
    currency = checks.currency(draft.currency)
    limit = draft.overdraft_limit
    return ChangeAccount(
        user_id=checks.user_id(draft.user_id),
        currency=currency.code,
        overdraft_limit=None if limit is None else checks.overdraft_limit(limit, currency),
        status=checks.one_of(AccountStatus, draft.status, "status"),
        metadata=checks.metadata(draft.metadata),
    )


def _receiver(text: str | None, checks: Checks) -> str | None:
    return None if text is None else checks.user_id(text, "to_user_id")
