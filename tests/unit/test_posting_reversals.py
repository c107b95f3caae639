"""Reversals: the opposite, once, and never more than there was."""

from uuid import UUID

import pytest

from core.entities.account import user_account
from core.entities.command import MAX_TRANSFER_LEGS, Command
from core.entities.orders import Transfer
from core.entities.transaction import RejectionCode
from core.posting.naming import most_entries
from tests.builders import (
    capture,
    change,
    command,
    deposit,
    hold,
    leg,
    reversal,
    transfer,
    unkeyed_id,
    void,
    withdrawal,
)
from tests.unit.replay import Replay


def moved(*commands: Command) -> tuple[Replay, UUID]:
    """After these commands; the id of the last one."""
    replay = Replay()
    replay.post(*commands)
    return replay, commands[-1].transaction_id


def balance(replay: Replay, user_id: str) -> int:
    return replay.books.accounts[user_account(user_id, "USD")].balance


@pytest.mark.parametrize(
    ("commands", "alice"),
    [
        ([deposit("alice", 100)], 0),
        ([deposit("alice", 100), withdrawal("alice", 40)], 100),
        ([deposit("alice", 100), transfer("alice", "bob", 40)], 100),
    ],
    ids=["deposit", "withdrawal", "transfer"],
)
def test_a_reversal_undoes_and_names_what_it_undoes(commands: list[Command], alice: int) -> None:
    replay, last = moved(*commands)
    before = replay.transactions[-1]
    (transaction,) = replay.post(reversal(last))
    assert {one.account: one.amount for one in transaction.entries} == {
        one.account: -one.amount for one in before.entries
    }
    assert transaction.money == before.money
    assert balance(replay, "alice") == alice


def test_a_capture_can_be_reversed_and_the_hold_stays_captured() -> None:
    placed = hold("alice", 40)
    replay, last = moved(deposit("alice", 100), placed, capture(placed.transaction_id))
    assert replay.code(reversal(last)) is None
    assert balance(replay, "alice") == 100
    assert replay.code(void(placed.transaction_id)) is RejectionCode.HOLD_CLOSED


def test_parts_are_reversed_up_to_the_whole_and_no_further() -> None:
    replay, last = moved(deposit("alice", 100))
    assert replay.code(reversal(last, "0.30")) is None
    assert replay.code(reversal(last, "0.3")) is None
    rejection = replay.rejection(reversal(last, "0.41"))
    assert rejection.code is RejectionCode.REVERSAL_EXCEEDED
    assert dict(rejection.figures) == {"needed": 41, "remaining": 40}
    assert replay.code(reversal(last)) is None
    assert replay.code(reversal(last)) is RejectionCode.REVERSAL_EXCEEDED
    assert balance(replay, "alice") == 0


def test_two_reversals_in_one_page_know_of_each_other() -> None:
    first = deposit("alice", 100)
    replay = Replay()
    decided = replay.post(first, *(reversal(first.transaction_id) for _ in range(3)))
    assert [one.rejection is None for one in decided] == [True, True, False, False]


def test_several_legs_go_back_together_in_the_opposite_order() -> None:
    several = command(Transfer((leg("a", "b", 5), leg("b", "c", 5))))
    replay, last = moved(deposit("a", 5), several)
    assert replay.code(reversal(last, "0.05")) is RejectionCode.NOT_REVERSIBLE
    assert replay.code(reversal(last)) is None
    assert (balance(replay, "a"), balance(replay, "b"), balance(replay, "c")) == (5, 0, 0)
    assert replay.code(reversal(last)) is RejectionCode.REVERSAL_EXCEEDED


def test_a_reversal_may_not_overdraw_unless_the_limit_allows_it() -> None:
    replay, last = moved(deposit("alice", 100))
    replay.post(withdrawal("alice", 1))
    assert replay.code(reversal(last)) is RejectionCode.INSUFFICIENT_FUNDS
    replay.post(change("alice", overdraft_limit=1))
    assert replay.code(reversal(last)) is None
    assert balance(replay, "alice") == -1


def test_a_rejected_reversal_takes_nothing_of_what_may_be_reversed() -> None:
    replay, last = moved(deposit("alice", 100))
    replay.post(withdrawal("alice", 50))
    assert replay.code(reversal(last)) is RejectionCode.INSUFFICIENT_FUNDS
    replay.post(deposit("alice", 50))
    assert replay.code(reversal(last)) is None


def test_a_reversal_a_rejection_and_what_moved_nothing_are_not_reversed() -> None:
    replay, first = moved(deposit("alice", 100))
    undone, refused, held = reversal(first, "0.5"), withdrawal("alice", 999), hold("alice", 1)
    altered = change("alice", overdraft_limit=5)
    replay.post(undone, refused, held, altered)
    for one in (undone, refused, held, altered):
        assert replay.code(reversal(one.transaction_id)) is RejectionCode.NOT_REVERSIBLE


def test_what_never_was_is_not_found() -> None:
    assert Replay().code(reversal(unkeyed_id("a"))) is RejectionCode.TRANSACTION_NOT_FOUND


def test_an_amount_that_the_currency_cannot_say_is_refused() -> None:
    replay, last = moved(deposit("alice", 500, "JPY"))
    assert replay.code(reversal(last, "1.5")) is RejectionCode.INVALID_AMOUNT
    assert replay.code(reversal(last, "499")) is None


def test_a_reversal_of_the_largest_transfer_has_as_many_entries_as_it_was_thought_to() -> None:
    largest = command(Transfer(tuple(leg("a", "b", 1) for _ in range(MAX_TRANSFER_LEGS))))
    replay, last = moved(deposit("a", 500), largest)
    undone = reversal(last)
    (transaction,) = replay.post(undone)
    assert len(transaction.entries) == 2 * MAX_TRANSFER_LEGS == most_entries(undone.order)
    assert balance(replay, "a") == 500
