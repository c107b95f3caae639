"""P3 and P4: balances are what the history of posted orders makes them, and never below zero."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec

from tests.chaos.evidence import Breach, Evidence, Harm
from tests.chaos.history import Call, Order

EXACT: Final = "P3 each balance equals its entries"
LIMIT: Final = "P4 no account below its limit"


def balances_are_what_was_asked_for(evidence: Evidence) -> Iterator[Breach]:
    """Each balance is that of the clients' own orders, those that were posted."""
    due: Counter[str] = Counter()
    for one in evidence.books.transactions:
        call = evidence.calls.get(one.reference or "")
        if one.status == "posted" and call is not None:
            for user_id, amount in _moves(call.order, evidence):
                due[user_id] += amount
    balances = {account.user_id: account.balance for account in evidence.books.accounts}
    for user_id in due.keys() | balances.keys():
        balance = balances.get(user_id, 0)
        if balance != due[user_id]:
            sentence = f"{user_id} has {balance} minor units; posted orders make {due[user_id]}"
            yield Breach(Harm.LOST if balance < due[user_id] else Harm.DOUBLED, EXACT, sentence)


def no_account_is_negative(evidence: Evidence) -> Iterator[Breach]:
    """No client was given an overdraft: nothing was ever below zero, whoever looked and when."""
    for account in evidence.books.accounts:
        if account.balance - account.held < 0:
            yield Breach(Harm.NEGATIVE, LIMIT, f"{account}")
    for entry in evidence.books.entries:
        if entry.balance_after < 0:
            yield Breach(Harm.NEGATIVE, LIMIT, f"{entry}")
    for read in evidence.history.reads:
        if read.available < 0:
            yield Breach(Harm.NEGATIVE, LIMIT, f"{read}")


def _moves(order: Order, evidence: Evidence) -> Iterator[tuple[str, int]]:
    """What a posted order does to balances: users with signed amounts."""
    match order.type:
        case "deposit":
            yield order.user_id, order.amount
        case "withdraw":
            yield order.user_id, -order.amount
        case "transfer" | "capture":
            yield order.user_id, -order.amount
            yield str(order.receiver), order.amount
        case "reverse":
            whole = _named(order, evidence).order
            part = msgspec.structs.replace(whole, amount=order.amount)
            for user_id, amount in _moves(part, evidence):
                yield user_id, -amount
        case _:
            return


def _named(order: Order, evidence: Evidence) -> Call:
    return evidence.calls[str(order.named)]
