"""Holds: money that is set aside, and what becomes of it."""

from core.entities.account import AccountKey, user_account
from core.entities.command import LoggedCommand
from core.entities.hold import Hold, HoldStatus
from core.entities.money import Money, minor_units
from core.entities.orders import CaptureHold, ExpireHold, PlaceHold, VoidHold
from core.entities.transaction import Rejection, RejectionCode, Transaction
from core.posting.books import Books, Draft, Leg, rejected, with_facts
from core.posting.naming import receiver_of
from core.posting.rules import may_hold, may_pay


def place(books: Books, logged: LoggedCommand, order: PlaceHold) -> Transaction:
    """Set money aside, as far as it is available."""
    amount, currency, exponent = order.money
    key = user_account(order.user_id, currency)
    account = books.account(key)
    refusal = may_pay(account, amount) or may_hold(account, amount)
    if refusal is not None:
        return rejected(logged, order.money, with_facts(refusal, user_id=order.user_id))
    draft = books.draft(logged.recorded_at, (key,))
    draft.put(account._replace(held=account.held + amount))
    draft.hold = Hold(
        hold_id=logged.command.transaction_id,
        account=key,
        amount=amount,
        exponent=exponent,
        to_user_id=order.to_user_id,
        expires_at=order.ends_at(logged.recorded_at),
        placed_at=draft.posted_at,
    )
    return draft.posted(logged, order.money)


def capture(books: Books, logged: LoggedCommand, order: CaptureHold) -> Transaction:
    """Move held money to whom it was held for; the last capture frees what is left."""
    hold = books.hold(order.hold_id)
    if hold is None:
        return rejected(logged, None, Rejection(RejectionCode.HOLD_NOT_FOUND))
    status = hold.status_at(logged.recorded_at)
    if status is not HoldStatus.OPEN:
        return _closed(logged, hold, status)
    amount = hold.remaining
    if order.amount is not None:
        wanted = minor_units(order.amount, hold.exponent)
        if wanted is None:
            currency = hold.account.currency
            refusal = Rejection(RejectionCode.INVALID_AMOUNT, {}, currency)
            return _rejected(logged, hold, refusal)
        if wanted > amount:
            return _exceeded(logged, hold, wanted)
        amount = wanted
    return _captured(books, logged, order, hold, amount)


def void(books: Books, logged: LoggedCommand, order: VoidHold) -> Transaction:
    """Free what is left of a hold."""
    hold = books.hold(order.hold_id)
    if hold is None:
        return rejected(logged, None, Rejection(RejectionCode.HOLD_NOT_FOUND))
    if hold.status is not HoldStatus.OPEN:
        return _closed(logged, hold, hold.status)
    return _freed(books, logged, hold, HoldStatus.VOIDED)


def expire(books: Books, logged: LoggedCommand, order: ExpireHold) -> Transaction | None:
    """Free what is left of a hold whose time is over; None where there is nothing to do."""
    hold = books.hold(order.hold_id)
    if hold is None or hold.status is not HoldStatus.OPEN or not hold.is_over(logged.recorded_at):
        return None
    return _freed(books, logged, hold, HoldStatus.EXPIRED)


def _captured(
    books: Books, logged: LoggedCommand, order: CaptureHold, hold: Hold, amount: int
) -> Transaction:
    receiver = receiver_of(
        hold.account, order.to_user_id or hold.to_user_id, logged.position.partition
    )
    draft = books.draft(logged.recorded_at, (hold.account, receiver))
    captured = hold.captured + amount
    ends = order.final or captured == hold.amount
    _release(draft, hold.account, hold.remaining if ends else amount)
    money = _money(hold, amount)
    rejection = draft.move(Leg(hold.account, receiver, amount))
    if rejection is not None:
        return _rejected(logged, hold, rejection, money)
    status = HoldStatus.CAPTURED if ends else HoldStatus.OPEN
    draft.hold = hold._replace(captured=captured, status=status)
    return _posted(draft, logged, hold, money)


def _freed(books: Books, logged: LoggedCommand, hold: Hold, status: HoldStatus) -> Transaction:
    draft = books.draft(logged.recorded_at, (hold.account,))
    _release(draft, hold.account, hold.remaining)
    draft.hold = hold._replace(status=status)
    return _posted(draft, logged, hold, _money(hold, hold.remaining))


def _release(draft: Draft, key: AccountKey, amount: int) -> None:
    account = draft.account(key)
    draft.put(account._replace(held=account.held - amount))


def _closed(logged: LoggedCommand, hold: Hold, status: HoldStatus) -> Transaction:
    rejection = Rejection(RejectionCode.HOLD_CLOSED, facts={"hold_status": status.value})
    return _rejected(logged, hold, rejection)


def _exceeded(logged: LoggedCommand, hold: Hold, wanted: int) -> Transaction:
    figures = {"needed": wanted, "remaining": hold.remaining}
    rejection = Rejection(RejectionCode.HOLD_EXCEEDED, figures, hold.account.currency)
    # A client may write any number here, so that it is no money of ours.
    return _rejected(logged, hold, rejection)


def _posted(draft: Draft, logged: LoggedCommand, hold: Hold, money: Money) -> Transaction:
    return draft.posted(logged, money)._replace(hold_user_id=hold.account.user_id)


def _rejected(
    logged: LoggedCommand, hold: Hold, rejection: Rejection, money: Money | None = None
) -> Transaction:
    refused = rejected(logged, money, rejection)
    return refused._replace(hold_user_id=hold.account.user_id)


def _money(hold: Hold, amount: int) -> Money:
    return Money(amount, hold.account.currency, hold.exponent)
