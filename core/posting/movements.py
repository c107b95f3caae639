"""Deposits, withdrawals and transfers: money that moves at once."""

from core.entities.account import settlement_account, user_account
from core.entities.command import LoggedCommand
from core.entities.orders import Deposit, Transfer, Withdrawal
from core.posting.books import Books, Decided, Leg


def deposit(books: Books, logged: LoggedCommand, order: Deposit) -> Decided:
    """From the house to a user."""
    amount, currency, _ = order.money
    house = settlement_account(logged.position.partition, currency)
    user = user_account(order.user_id, currency)
    draft = books.draft(logged.recorded_at, (house, user))
    return Decided(order.money, draft, draft.move(Leg(house, user, amount)))


def withdraw(books: Books, logged: LoggedCommand, order: Withdrawal) -> Decided:
    """From a user to the house."""
    amount, currency, _ = order.money
    house = settlement_account(logged.position.partition, currency)
    user = user_account(order.user_id, currency)
    draft = books.draft(logged.recorded_at, (house, user))
    return Decided(order.money, draft, draft.move(Leg(user, house, amount)))


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
    draft = books.draft(
        logged.recorded_at, (key for leg in legs for key in (leg.payer, leg.receiver))
    )
    return Decided(money, draft, draft.move_all(legs))
