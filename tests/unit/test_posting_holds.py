"""Holds: money that is set aside moves once, or comes free."""

from datetime import timedelta
from uuid import UUID

import pytest

from core.entities.account import Account, AccountStatus, user_account
from core.entities.command import Command
from core.entities.hold import Hold, HoldStatus
from core.entities.money import MAX_BALANCE_MINOR_UNITS
from core.entities.transaction import RejectionCode
from tests.builders import (
    NOON,
    capture,
    change,
    deposit,
    expiry,
    hold,
    logged,
    unkeyed_id,
    void,
    withdrawal,
)
from tests.unit.replay import Replay

ALICE = user_account("alice", "USD")


def holding(amount: int, balance: int = 1_000, **others: object) -> tuple[Replay, UUID]:
    """Alice with so much, and so much of it set aside."""
    replay = Replay()
    placed = hold("alice", amount, **others)  # type: ignore[arg-type]
    replay.post(deposit("alice", balance), placed)
    return replay, placed.transaction_id


def alice(replay: Replay) -> Account:
    return replay.books.accounts[ALICE]


def state(replay: Replay, hold_id: UUID) -> Hold:
    return replay.books.holds[hold_id]


def code_at(replay: Replay, one: Command, seconds: float) -> RejectionCode | None:
    """Post it at so many seconds after noon."""
    page = replay.post_logged([logged(one, 99, 0, NOON + timedelta(seconds=seconds))])
    (transaction,) = page.transactions
    return transaction.rejection and transaction.rejection.code


def test_a_hold_takes_from_what_is_available_and_leaves_the_balance() -> None:
    replay, hold_id = holding(300)
    assert (alice(replay).balance, alice(replay).held, alice(replay).available) == (1000, 300, 700)
    assert state(replay, hold_id) == Hold(hold_id, ALICE, 300, 2, None, None, NOON)
    assert replay.transactions[-1].entries == ()


def test_of_six_holds_of_1000_at_once_a_balance_of_5000_bears_five() -> None:
    replay = Replay()
    replay.post(deposit("alice", 5_000))
    decided = replay.post(*(hold("alice", 1_000) for _ in range(6)))
    assert [one.rejection is None for one in decided] == [True] * 5 + [False]
    assert alice(replay).available == 0


def test_whatever_is_asked_of_a_hold_names_its_user() -> None:
    replay, hold_id = holding(300)
    asked = [
        capture(hold_id, "1", "bob", final=False),
        capture(hold_id, "0.001"),
        capture(hold_id, "9"),
    ]
    asked += [void(hold_id), void(hold_id), capture(hold_id)]
    decided = replay.post(*asked)
    assert [one.rejection and one.rejection.code for one in decided] == [
        None,
        RejectionCode.INVALID_AMOUNT,
        RejectionCode.HOLD_EXCEEDED,
        None,
        RejectionCode.HOLD_CLOSED,
        RejectionCode.HOLD_CLOSED,
    ]
    assert {one.hold_user_id for one in decided} == {one.user_id for one in decided} == {"alice"}
    assert [one.parties for one in decided] == [{"bob"}, *[set()] * 5]


def test_nobody_has_a_hold_that_there_is_not() -> None:
    replay, _ = holding(300)
    decided = replay.post(void(unkeyed_id("alice")), hold("alice", 1), deposit("alice"))
    assert [one.hold_user_id for one in decided] == [None] * 3
    assert [one.user_id for one in decided] == [None, "alice", "alice"]


def test_held_money_cannot_be_withdrawn() -> None:
    replay, _ = holding(300)
    assert replay.code(withdrawal("alice", 701)) is RejectionCode.INSUFFICIENT_FUNDS
    assert replay.code(withdrawal("alice", 700)) is None


def test_a_capture_moves_all_of_it_to_the_house() -> None:
    replay, hold_id = holding(300)
    (transaction,) = replay.post(capture(hold_id))
    assert transaction.money is not None
    assert transaction.money.amount == 300
    assert [one.amount for one in transaction.entries] == [-300, 300]
    assert transaction.entries[1].account.is_settlement
    assert (alice(replay).balance, alice(replay).held) == (700, 0)
    assert state(replay, hold_id).status is HoldStatus.CAPTURED


def test_a_capture_goes_where_the_hold_says_and_the_capture_has_the_last_word() -> None:
    replay, first = holding(300, to_user_id="shop")
    second = hold("alice", 100, to_user_id="shop")
    replay.post(second)
    replay.post(capture(first), capture(second.transaction_id, to_user_id="other"))
    receivers = [one.account.user_id for one in replay.entries if one.amount in {300, 100}]
    assert receivers == ["shop", "other"]


def test_a_final_capture_of_a_part_frees_the_rest() -> None:
    replay, hold_id = holding(300)
    assert replay.code(capture(hold_id, "1.00")) is None
    assert (alice(replay).balance, alice(replay).held) == (900, 0)
    assert (state(replay, hold_id).captured, state(replay, hold_id).remaining) == (100, 0)


def test_captures_that_are_not_final_take_part_after_part() -> None:
    replay, hold_id = holding(300)
    assert replay.code(capture(hold_id, "1.00", final=False)) is None
    assert (alice(replay).balance, alice(replay).held) == (900, 200)
    assert state(replay, hold_id).status is HoldStatus.OPEN
    rejection = replay.rejection(capture(hold_id, "2.01", final=False))
    assert rejection.code is RejectionCode.HOLD_EXCEEDED
    assert dict(rejection.figures) == {"needed": 201, "remaining": 200}
    assert replay.code(capture(hold_id, "2", final=False)) is None
    assert (alice(replay).balance, alice(replay).held) == (700, 0)
    assert state(replay, hold_id).status is HoldStatus.CAPTURED


def test_of_100_captures_at_once_one_moves_the_money() -> None:
    replay, hold_id = holding(300)
    decided = replay.post(*(capture(hold_id) for _ in range(100)))
    assert [one.rejection is None for one in decided] == [True] + [False] * 99
    assert alice(replay).balance == 700


def test_voiding_frees_what_is_left() -> None:
    replay, hold_id = holding(300)
    replay.post(capture(hold_id, "1", final=False))
    (transaction,) = replay.post(void(hold_id))
    assert transaction.money is not None
    assert transaction.money.amount == 200
    assert (alice(replay).balance, alice(replay).held) == (900, 0)


def test_a_hold_its_capture_and_its_void_are_decided_in_their_order() -> None:
    replay = Replay()
    placed = hold("alice", 300)
    hold_id = placed.transaction_id
    decided = replay.post(deposit("alice", 300), placed, capture(hold_id), void(hold_id))
    assert [one.rejection and one.rejection.code for one in decided] == [
        None, None, None, RejectionCode.HOLD_CLOSED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "status"),
    [(capture, HoldStatus.CAPTURED), (void, HoldStatus.VOIDED)],
)
def test_a_hold_that_ended_says_how(ends: object, status: HoldStatus) -> None:
    replay, hold_id = holding(300)
    assert callable(ends)
    replay.post(ends(hold_id))
    for again in (capture(hold_id), void(hold_id)):
        rejection = replay.rejection(again)
        assert rejection.code is RejectionCode.HOLD_CLOSED
        assert dict(rejection.facts) == {"hold_status": status}


def test_a_hold_that_nobody_placed_is_not_found() -> None:
    replay = Replay()
    nobody = unkeyed_id("alice")
    assert replay.code(capture(nobody)) is RejectionCode.HOLD_NOT_FOUND
    assert replay.code(void(nobody)) is RejectionCode.HOLD_NOT_FOUND


def test_a_refused_hold_is_none() -> None:
    replay = Replay()
    placed = hold("alice", 300)
    replay.post(deposit("alice", 299), placed)
    assert replay.code(capture(placed.transaction_id)) is RejectionCode.HOLD_NOT_FOUND


def test_an_expiry_frees_the_money_once_its_time_is_over_and_not_before() -> None:
    replay, hold_id = holding(300, expires_in=60)
    early = replay.post_logged([logged(expiry(hold_id), 98, 0, NOON + timedelta(seconds=60))])
    assert (early.transactions, early.accounts, early.moot) == ((), (), 1)
    assert alice(replay).held == 300
    assert code_at(replay, expiry(hold_id), 60.001) is None
    assert (alice(replay).held, state(replay, hold_id).status) == (0, HoldStatus.EXPIRED)
    late = replay.post_logged([logged(expiry(hold_id), 99, 0, NOON + timedelta(seconds=61))])
    assert (late.transactions, late.moot) == ((), 1)


def test_an_expiry_that_came_too_early_may_come_again_under_its_id() -> None:
    replay, hold_id = holding(300, expires_in=60)
    one = expiry(hold_id)
    early = logged(one, 98, 0, NOON)
    due = logged(one, 99, 0, NOON + timedelta(seconds=61))
    page = replay.post_logged([early, due])
    assert (len(page.transactions), page.moot, page.repeats) == (1, 1, 0)


def test_a_capture_after_its_time_is_refused_whether_or_not_the_expiry_has_come() -> None:
    replay, hold_id = holding(300, expires_in=60)
    other, other_id = holding(300, expires_in=60)
    assert code_at(replay, capture(hold_id), 60) is None
    assert code_at(other, capture(other_id), 60.001) is RejectionCode.HOLD_CLOSED
    assert other.transactions[-1].rejection is not None
    assert other.transactions[-1].rejection.facts["hold_status"] == "expired"
    assert code_at(other, expiry(other_id), 60.002) is None


def test_a_void_after_its_time_does_what_the_expiry_would() -> None:
    replay, hold_id = holding(300, expires_in=60)
    assert code_at(replay, void(hold_id), 61) is None
    assert (alice(replay).held, state(replay, hold_id).status) == (0, HoldStatus.VOIDED)


@pytest.mark.parametrize("amount", ["1e17", "1e40", "3.01"])
def test_more_than_is_left_is_refused_however_much_it_is(amount: str) -> None:
    replay, hold_id = holding(300)
    (transaction,) = replay.post(capture(hold_id, amount))
    assert transaction.money is None
    assert transaction.rejection is not None
    assert transaction.rejection.code is RejectionCode.HOLD_EXCEEDED


def test_neither_a_hold_nor_a_capture_is_earlier_than_its_accounts_last_entry() -> None:
    replay, later = Replay(), NOON + timedelta(seconds=9)
    placed = hold("alice", 5, to_user_id="shop")
    replay.post_logged([logged(deposit("alice", 9), 0, 0, later)])
    replay.post(placed)
    assert state(replay, placed.transaction_id).placed_at == later
    latest = later + timedelta(seconds=1)
    replay.post_logged([logged(deposit("shop", 9), 2, 0, latest)])
    (transaction,) = replay.post(capture(placed.transaction_id))
    assert {entry.posted_at for entry in transaction.entries} == {latest}


def test_a_capture_for_the_one_who_pays_goes_nowhere() -> None:
    replay, hold_id = holding(300)
    assert replay.code(capture(hold_id, to_user_id="alice")) is RejectionCode.SAME_ACCOUNT
    assert state(replay, hold_id).status is HoldStatus.OPEN
    assert alice(replay).held == 300


def test_an_amount_that_the_holds_currency_cannot_say_is_refused() -> None:
    replay, hold_id = holding(300)
    assert replay.code(capture(hold_id, "1.001")) is RejectionCode.INVALID_AMOUNT
    assert alice(replay).held == 300


def test_nothing_is_captured_from_a_frozen_account_yet_its_hold_can_be_voided() -> None:
    replay, hold_id = holding(300)
    replay.post(change("alice", status=AccountStatus.FROZEN))
    assert replay.code(capture(hold_id)) is RejectionCode.ACCOUNT_FROZEN
    assert state(replay, hold_id).status is HoldStatus.OPEN
    assert replay.code(void(hold_id)) is None


def test_no_more_is_set_aside_than_can_be_counted() -> None:
    replay, _ = holding(300)
    full = alice(replay)._replace(
        balance=MAX_BALANCE_MINOR_UNITS, overdraft_limit=500, held=MAX_BALANCE_MINOR_UNITS - 5
    )
    replay.books.accounts[ALICE] = full
    assert replay.code(hold("alice", 5)) is None
    rejection = replay.rejection(hold("alice", 1))
    assert rejection.code is RejectionCode.BALANCE_LIMIT_EXCEEDED
    assert rejection.figures["held"] == MAX_BALANCE_MINOR_UNITS
