"""Transfers: all legs or none, in their order."""

import pytest

from core.entities.account import AccountStatus, user_account
from core.entities.command import Command
from core.entities.money import MAX_BALANCE_MINOR_UNITS
from core.entities.orders import Transfer
from core.entities.transaction import RejectionCode
from tests.builders import change, command, deposit, leg, transfer, withdrawal
from tests.unit.replay import Replay


def legs(*several: tuple[str, str, int] | tuple[str, str, int, str]) -> Command:
    return command(Transfer(tuple(leg(*one) for one in several)))


def balances(replay: Replay) -> dict[tuple[str, str], int]:
    return {
        (key.user_id, key.currency): account.balance
        for key, account in replay.books.accounts.items()
        if not key.is_settlement
    }


def test_a_transfer_takes_here_and_gives_there_and_opens_the_receivers_account() -> None:
    replay = Replay()
    _, transaction = replay.post(deposit("alice", 100), transfer("alice", "bob", 40))
    assert [(one.account.user_id, one.amount) for one in transaction.entries] == [
        ("alice", -40),
        ("bob", 40),
    ]
    assert balances(replay) == {("alice", "USD"): 60, ("bob", "USD"): 40}
    assert replay.books.accounts[user_account("bob", "USD")].opened_at is not None


def test_a_later_leg_may_spend_what_an_earlier_one_brought() -> None:
    replay = Replay()
    replay.post(deposit("a", 5), legs(("a", "b", 5), ("b", "c", 5)))
    assert balances(replay) == {("a", "USD"): 0, ("b", "USD"): 0, ("c", "USD"): 5}


def test_an_earlier_leg_may_not_spend_what_a_later_one_brings() -> None:
    replay = Replay()
    replay.post(deposit("a", 5), deposit("b", 1))
    rejection = replay.rejection(legs(("b", "c", 5), ("a", "b", 5)))
    assert rejection.code is RejectionCode.INSUFFICIENT_FUNDS
    assert dict(rejection.facts) == {"user_id": "b", "leg": "1"}


def test_one_leg_that_cannot_be_leaves_all_of_them_undone() -> None:
    replay = Replay()
    replay.post(deposit("a", 5), deposit("x", 7, "JPY"))
    rejection = replay.rejection(legs(("a", "b", 5), ("x", "y", 8, "JPY")))
    assert (rejection.currency, dict(rejection.figures)) == ("JPY", {"needed": 8, "available": 7})
    assert rejection.facts["leg"] == "2"
    assert balances(replay) == {("a", "USD"): 5, ("x", "JPY"): 7}


def test_legs_of_several_currencies_are_one_transaction_without_one_amount() -> None:
    replay = Replay()
    replay.post(deposit("a", 5), deposit("x", 7, "JPY"))
    (transaction,) = replay.post(legs(("a", "x", 5), ("x", "a", 7, "JPY")))
    assert transaction.rejection is None
    assert transaction.money is None
    assert balances(replay)["a", "JPY"] == 7


def test_who_never_had_money_has_none_to_give() -> None:
    assert Replay().code(transfer()) is RejectionCode.ACCOUNT_NOT_FOUND


@pytest.mark.parametrize(
    ("status", "payer", "receiver"),
    [
        (AccountStatus.FROZEN_DEBITS, RejectionCode.ACCOUNT_FROZEN, None),
        (AccountStatus.FROZEN_CREDITS, None, RejectionCode.ACCOUNT_FROZEN),
        (AccountStatus.FROZEN, RejectionCode.ACCOUNT_FROZEN, RejectionCode.ACCOUNT_FROZEN),
    ],
)
def test_a_frozen_account_does_not_give_or_does_not_take(
    status: AccountStatus, payer: RejectionCode | None, receiver: RejectionCode | None
) -> None:
    replay = Replay()
    replay.post(deposit("alice", 5), deposit("bob", 5), change("alice", status=status))
    assert replay.code(transfer("alice", "bob", 1)) is payer
    assert replay.code(transfer("bob", "alice", 1)) is receiver
    assert replay.code(withdrawal("alice", 1)) is payer
    assert replay.code(deposit("alice", 1)) is receiver


def test_a_balance_that_would_be_too_large_is_refused_by_who_receives_it() -> None:
    replay = Replay()
    key = user_account("bob", "USD")
    replay.post(deposit("alice", 5), deposit("bob", 1))
    bob = replay.books.accounts[key]
    replay.books.accounts[key] = bob._replace(balance=MAX_BALANCE_MINOR_UNITS - 1)
    assert replay.code(transfer("alice", "bob", 1)) is None
    rejection = replay.rejection(transfer("alice", "bob", 1))
    assert rejection.code is RejectionCode.BALANCE_LIMIT_EXCEEDED
    assert rejection.facts["user_id"] == "bob"
