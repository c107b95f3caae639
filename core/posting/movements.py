"""Deposits, withdrawals and transfers: money that moves at once."""

from core.entities.account import settlement_account, user_account
from core.entities.command import LoggedCommand
from core.entities.orders import Deposit, Transfer, Withdrawal
from core.entities.transaction import Transaction
from core.posting.books import Books, Leg, rejected, sides


def deposit(books: Books, logged: LoggedCommand, order: Deposit) -> Transaction:
    """From the house to a user."""
    money = order.money
    house = settlement_account(logged.position.partition, money.currency)
    return books.move(logged, money, house, user_account(order.user_id, money.currency))


def withdraw(books: Books, logged: LoggedCommand, order: Withdrawal) -> Transaction:
    """From a user to the house."""
    money = order.money
    house = settlement_account(logged.position.partition, money.currency)
    return books.move(logged, money, user_account(order.user_id, money.currency), house)


def transfer(books: Books, logged: LoggedCommand, order: Transfer) -> Transaction:
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
    draft = books.draft(logged.recorded_at, sides(legs))
    rejection = draft.move_all(legs)
    if rejection is not None:
        return rejected(logged, money, rejection)
    return draft.posted(logged, money)
