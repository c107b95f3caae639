"""Deposits, withdrawals and transfers: money that moves at once."""

from collections.abc import Sequence

from core.entities.account import AccountKey, settlement_account, user_account
from core.entities.command import LoggedCommand
from core.entities.money import Money
from core.entities.orders import Deposit, Transfer, Withdrawal
from core.posting.books import Books, Decided, Leg, sides


def deposit(books: Books, logged: LoggedCommand, order: Deposit) -> Decided:
    """From the house to a user."""
    house, user = _house_and_user(logged, order)
    return _moved(books, logged, order.money, [Leg(house, user, order.money.amount)])


def withdraw(books: Books, logged: LoggedCommand, order: Withdrawal) -> Decided:
    """From a user to the house."""
    house, user = _house_and_user(logged, order)
    return _moved(books, logged, order.money, [Leg(user, house, order.money.amount)])


def transfer(books: Books, logged: LoggedCommand, order: Transfer) -> Decided:
    """From user to user, leg after leg: a later leg may spend what an earlier one brought."""
    money = order.legs[0].money if len(order.legs) == 1 else None
    legs = [
        Leg(
            user_account(leg.from_user_id, leg.money.currency),
            user_account(leg.to_user_id, leg.money.currency),
            leg.money.amount,
        )
        for leg in order.legs
    ]
    return _moved(books, logged, money, legs)


def _house_and_user(
    logged: LoggedCommand, order: Deposit | Withdrawal
) -> tuple[AccountKey, AccountKey]:
    currency = order.money.currency
    return (
        settlement_account(logged.position.partition, currency),
        user_account(order.user_id, currency),
    )


def _moved(
    books: Books, logged: LoggedCommand, money: Money | None, legs: Sequence[Leg]
) -> Decided:
    draft = books.draft(logged.recorded_at, sides(legs))
    return Decided(money, draft, draft.move_all(legs))
