"""What an account may do, and why not. Each rule returns the rejection, or None if it is met."""

from typing import Final

from core.entities.account import Account, AccountStatus
from core.entities.money import MAX_BALANCE_MINOR_UNITS
from core.entities.transaction import Rejection, RejectionCode

_OPEN: Final = AccountStatus.OPEN
_NO_DEBITS: Final = (AccountStatus.FROZEN, AccountStatus.FROZEN_DEBITS)
_NO_CREDITS: Final = (AccountStatus.FROZEN, AccountStatus.FROZEN_CREDITS)


def may_pay(account: Account, amount: int) -> Rejection | None:
    """Money may leave an account that is there, is allowed to pay, and has it available."""
    if account.opened_at is None:
        return Rejection(RejectionCode.ACCOUNT_NOT_FOUND, currency=account.key.currency)
    if account.status is not _OPEN:
        refusal = _forbidden(account, _NO_DEBITS)
        if refusal is not None:
            return refusal
    if amount <= account.available:
        return None
    return Rejection(
        RejectionCode.INSUFFICIENT_FUNDS,
        {"needed": amount, "available": account.available},
        account.key.currency,
    )


def may_receive(account: Account, amount: int) -> Rejection | None:
    """Money may come to any account that is not closed to it, and can count it."""
    if account.status is not _OPEN:
        refusal = _forbidden(account, _NO_CREDITS)
        if refusal is not None:
            return refusal
    if account.balance + amount <= MAX_BALANCE_MINOR_UNITS:
        return None
    return Rejection(
        RejectionCode.BALANCE_LIMIT_EXCEEDED,
        {
            "amount": amount,
            "balance": account.balance,
            "balance_limit": MAX_BALANCE_MINOR_UNITS,
        },
        account.key.currency,
    )


def may_hold(account: Account, amount: int) -> Rejection | None:
    """What is set aside is counted as a balance is: with a large limit, more could be available."""
    if account.held + amount <= MAX_BALANCE_MINOR_UNITS:
        return None
    return Rejection(
        RejectionCode.BALANCE_LIMIT_EXCEEDED,
        {"amount": amount, "held": account.held, "balance_limit": MAX_BALANCE_MINOR_UNITS},
        account.key.currency,
    )


def may_become(before: Account, after: Account) -> Rejection | None:
    """An account's properties may change as long as its money fits them."""
    if after.available < 0:
        in_use = after.held - after.balance
        figures = {"overdraft_limit": after.overdraft_limit, "in_use": in_use}
        return Rejection(RejectionCode.OVERDRAFT_IN_USE, figures, after.key.currency)
    closes = after.status is AccountStatus.CLOSED and before.status is not AccountStatus.CLOSED
    if closes and (after.balance != 0 or after.held != 0):
        figures = {"balance": after.balance, "held": after.held}
        return Rejection(RejectionCode.BALANCE_NOT_ZERO, figures, after.key.currency)
    return None


def _forbidden(account: Account, frozen: tuple[AccountStatus, ...]) -> Rejection | None:
    status = account.status
    if status is AccountStatus.CLOSED:
        return Rejection(RejectionCode.ACCOUNT_CLOSED, currency=account.key.currency)
    if status in frozen:
        facts = {"account_status": status.value}
        return Rejection(RejectionCode.ACCOUNT_FROZEN, currency=account.key.currency, facts=facts)
    return None
