"""Reversals: a new transaction with the opposite entries of an earlier one."""

from collections.abc import Sequence

from core.entities.command import LoggedCommand
from core.entities.money import Money, minor_units
from core.entities.orders import CommandType, Reverse
from core.entities.page import Reversible, taken_back
from core.entities.transaction import Entry, Rejection, RejectionCode, Transaction
from core.posting.books import Books, Leg, rejected, sides


def reverse(books: Books, logged: LoggedCommand, order: Reverse) -> Transaction:
    """Take an earlier transaction back: in parts if it has one amount, otherwise as a whole."""
    earlier = books.reversible(order.reversed_id)
    if earlier is None:
        return rejected(logged, None, Rejection(RejectionCode.TRANSACTION_NOT_FOUND))
    if not earlier.entries or earlier.type is CommandType.REVERSE:
        return rejected(logged, None, Rejection(RejectionCode.NOT_REVERSIBLE))
    if earlier.money is None:
        return _whole(books, logged, order, earlier)
    return _part(books, logged, order, earlier, earlier.money)


def _whole(books: Books, logged: LoggedCommand, order: Reverse, earlier: Reversible) -> Transaction:
    if order.amount is not None:
        return rejected(logged, None, Rejection(RejectionCode.NOT_REVERSIBLE))
    if earlier.reversed_amount:
        return rejected(logged, None, Rejection(RejectionCode.REVERSAL_EXCEEDED))
    # What came last goes back first, so that money that only passed through is there to pass back.
    legs = _opposite(earlier.entries)[::-1]
    return _reversed(books, logged, order, None, legs)


def _part(
    books: Books, logged: LoggedCommand, order: Reverse, earlier: Reversible, money: Money
) -> Transaction:
    left = money.amount - earlier.reversed_amount
    wanted: int | None = left
    if order.amount is not None:
        wanted = minor_units(order.amount, money.exponent)
    if wanted is None:
        return rejected(logged, None, Rejection(RejectionCode.INVALID_AMOUNT, {}, money.currency))
    if wanted > left or left == 0:
        asked = {} if order.amount is None else {"needed": wanted}
        figures = {**asked, "remaining": left}
        rejection = Rejection(RejectionCode.REVERSAL_EXCEEDED, figures, money.currency)
        return rejected(logged, None, rejection)
    legs = [leg._replace(amount=wanted) for leg in _opposite(earlier.entries)]
    return _reversed(books, logged, order, money._replace(amount=wanted), legs)


def _reversed(
    books: Books, logged: LoggedCommand, order: Reverse, money: Money | None, legs: Sequence[Leg]
) -> Transaction:
    draft = books.draft(logged.recorded_at, sides(legs))
    rejection = draft.move_all(legs)
    if rejection is not None:
        return rejected(logged, money, rejection)
    books.take_back(order.reversed_id, taken_back(money))
    return draft.posted(logged, money)


def _opposite(entries: Sequence[Entry]) -> list[Leg]:
    """Entries come in pairs, who paid and who received."""
    return [
        Leg(payer=received.account, receiver=paid.account, amount=received.amount)
        for paid, received in zip(entries[::2], entries[1::2], strict=True)
    ]
