"""What an account may do is the account's property, and changes in the order of the log."""

import pytest

from core.entities.account import Account, AccountStatus, user_account
from core.entities.transaction import RejectionCode
from tests.builders import NOON, change, deposit, hold, transfer, withdrawal
from tests.unit.replay import Replay

ALICE = user_account("alice", "USD")


def with_alice(balance: int) -> Replay:
    replay = Replay()
    replay.post(deposit("alice", balance))
    return replay


def test_a_change_opens_the_account_with_nothing_in_it() -> None:
    replay = Replay()
    (transaction,) = replay.post(change("alice", overdraft_limit=5, account_metadata={"a": "b"}))
    assert (transaction.entries, transaction.money) == ((), None)
    assert replay.books.accounts[ALICE] == Account(
        ALICE, overdraft_limit=5, opened_at=NOON, metadata={"a": "b"}
    )
    assert replay.code(withdrawal("alice", 5)) is None


def test_what_is_not_named_stays_as_it_is() -> None:
    replay = with_alice(10)
    replay.post(change("alice", overdraft_limit=5, account_metadata={"a": "b"}))
    replay.post(change("alice", status=AccountStatus.FROZEN))
    replay.post(change("alice", account_metadata={"c": "d"}))
    account = replay.books.accounts[ALICE]
    assert (account.overdraft_limit, account.status, account.balance, account.sequence) == (
        5, AccountStatus.FROZEN, 10, 1,
    )  # fmt: skip
    assert account.metadata == {"c": "d"}


def test_a_withdrawal_before_a_freeze_is_posted_and_one_after_it_is_not() -> None:
    replay = with_alice(10)
    frozen = change("alice", status=AccountStatus.FROZEN_DEBITS)
    decided = replay.post(withdrawal("alice", 1), frozen, withdrawal("alice", 1))
    assert [one.rejection and one.rejection.code for one in decided] == [
        None, None, RejectionCode.ACCOUNT_FROZEN,
    ]  # fmt: skip


def test_a_limit_below_what_is_in_use_is_refused() -> None:
    replay = Replay()
    replay.post(change("alice", overdraft_limit=100), withdrawal("alice", 60), hold("alice", 10))
    rejection = replay.rejection(change("alice", overdraft_limit=69))
    assert rejection.code is RejectionCode.OVERDRAFT_IN_USE
    assert dict(rejection.figures) == {"overdraft_limit": 69, "in_use": 70}
    assert replay.code(change("alice", overdraft_limit=70)) is None


@pytest.mark.parametrize("held", [False, True], ids=["money", "held money"])
def test_an_account_with_money_stays_open(held: bool) -> None:
    replay = with_alice(5)
    if held:
        replay.post(change("alice", overdraft_limit=5), hold("alice", 5), withdrawal("alice", 5))
    rejection = replay.rejection(change("alice", status=AccountStatus.CLOSED))
    assert rejection.code is RejectionCode.BALANCE_NOT_ZERO


def test_a_closed_account_does_nothing_until_it_is_opened_again() -> None:
    replay = with_alice(5)
    replay.post(deposit("bob", 5), withdrawal("alice", 5))
    assert replay.code(change("alice", status=AccountStatus.CLOSED)) is None
    for one in (deposit("alice", 1), withdrawal("alice", 1), transfer("bob", "alice", 1)):
        assert replay.code(one) is RejectionCode.ACCOUNT_CLOSED
    assert replay.code(change("alice", status=AccountStatus.OPEN)) is None
    assert replay.code(deposit("alice", 1)) is None


def test_accounts_of_other_currencies_are_other_accounts() -> None:
    replay = with_alice(5)
    replay.post(change("alice", "JPY", status=AccountStatus.FROZEN))
    assert replay.code(withdrawal("alice", 1)) is None
    assert replay.code(deposit("alice", 1, "JPY")) is RejectionCode.ACCOUNT_FROZEN
