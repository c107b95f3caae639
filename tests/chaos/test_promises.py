"""Each check finds what it is there for: a small history that is right, and one fault in it."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from tests.chaos.books import BookAccount, BookEntry, Books, BookTransaction, Event, ToldEntry
from tests.chaos.evidence import Harm
from tests.chaos.history import (
    Attempt,
    Call,
    History,
    Hook,
    Look,
    Order,
    Outcome,
    Read,
    Stream,
    Surprise,
)
from tests.chaos.promises import breaches

Doctor = Callable[[History, dict[str, list[Any]]], None]


def call(
    reference: str, order: Order, offset: int, outcome: Outcome = Outcome.OK, **told: Any
) -> Call:
    """A call that was sent once, a second after the one before it, and answered half a second on.

    Its id is its reference, and its record lies at the offset.
    """
    attempt = Attempt(
        invoked_at=float(offset),
        answered_at=offset + 0.5,
        outcome=outcome,
        status=202,
        transaction_id=reference,
        position=f"0:{offset}",
    )
    return Call(reference, order, f"key-{reference}", [msgspec.structs.replace(attempt, **told)])


def transaction(call: Call, offset: int, rejection_code: str | None = None) -> BookTransaction:
    """What became of it."""
    return BookTransaction(
        transaction_id=call.reference,
        reference=call.reference,
        idempotency_key=call.key,
        type=call.order.type,
        status="posted" if rejection_code is None else "rejected",
        rejection_code=rejection_code,
        user_id=call.order.user_id,
        amount=call.order.amount,
        log_partition=0,
        log_offset=offset,
    )


def event(one: BookTransaction, entries: Sequence[BookEntry] = ()) -> Event:
    """As it was published, with those of the entries that are its own."""
    position = f"0:{one.log_offset}"
    value = f"{one.transaction_id} {one.status}".encode()
    told = tuple(
        ToldEntry(entry.user_id, entry.sequence, f"{entry.balance_after / 100:.2f}")
        for entry in entries
        if entry.log_offset == one.log_offset
    )
    return Event(0, one.log_offset, one.transaction_id, position, one.status, value, told)


def sound() -> tuple[History, dict[str, list[Any]]]:
    """Alice gets 100, gives Bob 30, holds 40 of which Bob captures 25, and asks for too much.

    One more deposit failed, and what became of another one nobody knows.
    """
    deposit = call("deposit", Order("deposit", "alice", 100), 0)
    transfer = call("transfer", Order("transfer", "alice", 30, "bob"), 1, decided="posted")
    hold = call("hold", Order("hold", "alice", 40, "bob"), 2)
    capture = call("capture", Order("capture", "alice", 25, "bob", "hold", "hold"), 3)
    refused = call("refused", Order("withdraw", "alice", 900), 4, decided="insufficient_funds")
    back = call("back", Order("reverse", "alice", 10, None, "transfer", "transfer"), 5)
    failed = call("failed", Order("deposit", "bob", 7), 9, Outcome.FAIL)
    unknown = call("unknown", Order("deposit", "bob", 7), 9, Outcome.UNKNOWN)
    decided = [deposit, transfer, hold, capture, refused, back]
    transactions = [
        transaction(one, offset, "insufficient_funds" if one is refused else None)
        for offset, one in enumerate(decided)
    ]
    history = History(
        calls=[*decided, failed, unknown],
        reads=[
            Read("alice", "0:1", 1.6, 1.7, 2, 70, 70),
            Read("bob", None, 6.0, 6.1, 3, 45, 45),
        ],
        looks=[Look("deposit", "deposit", 200, "posted"), Look("hold", "hold", 200, "pending")],
    )
    entries = [
        BookEntry("alice", 1, 100, 100, 0, 0),
        BookEntry("alice", 2, -30, 70, 0, 1),
        BookEntry("bob", 1, 30, 30, 0, 1),
        BookEntry("alice", 3, -25, 45, 0, 3),
        BookEntry("bob", 2, 25, 55, 0, 3),
        BookEntry("alice", 4, 10, 55, 0, 5),
        BookEntry("bob", 3, -10, 45, 0, 5),
    ]
    books: dict[str, list[Any]] = {
        "transactions": transactions,
        "entries": entries,
        "accounts": [BookAccount("alice", 55, 0), BookAccount("bob", 45, 0)],
        "events": [event(one, entries) for one in transactions],
    }
    history.hooks = [
        Hook("steady", "h1", ["posted", "rejected"], _told(transactions)),
        Hook("unsteady", "h2", ["posted"], _told(transactions[:4] + transactions[5:])),
    ]
    history.streams = [Stream("the stream", _told(transactions), 3)]
    return history, books


def _told(transactions: Sequence[BookTransaction]) -> dict[str, int]:
    return {one.transaction_id: 1 for one in transactions}


def lose_a_transaction(history: History, books: dict[str, list[Any]]) -> None:
    books["transactions"] = [one for one in books["transactions"] if one.reference != "hold"]
    books["events"] = [one for one in books["events"] if one.event_id != "hold"]


def post_twice(history: History, books: dict[str, list[Any]]) -> None:
    again = msgspec.structs.replace(
        books["transactions"][0], transaction_id="other", idempotency_key=None, log_offset=6
    )
    books["transactions"].append(again)
    books["events"].append(event(again))
    books["entries"].append(BookEntry("alice", 5, 100, 155, 0, 6))
    books["accounts"][0] = BookAccount("alice", 155, 0)


def give_a_key_twice(history: History, books: dict[str, list[Any]]) -> None:
    books["transactions"][1] = msgspec.structs.replace(
        books["transactions"][1], idempotency_key="key-deposit"
    )


def tell_two_ids(history: History, books: dict[str, list[Any]]) -> None:
    first = history.calls[0].attempts[0]
    history.calls[0].attempts.append(msgspec.structs.replace(first, transaction_id="hold"))


def post_what_failed(history: History, books: dict[str, list[Any]]) -> None:
    posted = transaction(history.calls[6], 6)
    books["transactions"].append(posted)
    books["events"].append(event(posted))
    books["entries"].append(BookEntry("bob", 4, 7, 52, 0, 6))
    books["accounts"][1] = BookAccount("bob", 52, 0)


def invent(history: History, books: dict[str, list[Any]]) -> None:
    nobodys = call("nobody", Order("hold", "bob", 7), 6)
    books["transactions"].append(transaction(nobodys, 6))
    books["events"].append(event(books["transactions"][-1]))


def change_the_amount(history: History, books: dict[str, list[Any]]) -> None:
    books["transactions"][2] = msgspec.structs.replace(books["transactions"][2], amount=41)


def decide_otherwise_than_told(history: History, books: dict[str, list[Any]]) -> None:
    changed = msgspec.structs.replace(books["transactions"][4], rejection_code="account_frozen")
    books["transactions"][4] = changed


def post_from_behind_the_position(history: History, books: dict[str, list[Any]]) -> None:
    told = history.calls[0].attempts
    told[0] = msgspec.structs.replace(told[0], position="1:0")


def forget_an_accepted_id(history: History, books: dict[str, list[Any]]) -> None:
    history.looks.append(Look("deposit", "deposit", 404, None))


def show_another_outcome(history: History, books: dict[str, list[Any]]) -> None:
    history.looks.append(Look("deposit", "deposit", 200, "rejected"))


def keep_money_back(history: History, books: dict[str, list[Any]]) -> None:
    books["accounts"][1] = BookAccount("bob", 44, 0)


def make_money(history: History, books: dict[str, list[Any]]) -> None:
    books["accounts"][1] = BookAccount("bob", 46, 0)


def overdraw_by_a_hold(history: History, books: dict[str, list[Any]]) -> None:
    books["accounts"][0] = BookAccount("alice", 55, 56)


def overdraw_for_a_moment(history: History, books: dict[str, list[Any]]) -> None:
    books["entries"].append(BookEntry("carol", 1, -1, -1, 0, 6))


def show_a_negative_balance(history: History, books: dict[str, list[Any]]) -> None:
    history.reads.append(Read("alice", None, 7.0, 7.1, 4, 55, -1))


def read_before_the_position(history: History, books: dict[str, list[Any]]) -> None:
    history.reads[0] = Read("alice", "0:1", 0.1, 0.2, 1, 100, 100)


def read_what_was_older_than_an_earlier_read(history: History, books: dict[str, list[Any]]) -> None:
    history.reads.append(Read("bob", None, 6.2, 6.3, 2, 55, 55))


def read_what_was_older_than_an_answer(history: History, books: dict[str, list[Any]]) -> None:
    history.reads.append(Read("alice", None, 1.55, 1.58, 1, 100, 100))


def read_what_never_was(history: History, books: dict[str, list[Any]]) -> None:
    history.reads.append(Read("bob", None, 6.2, 6.3, 3, 46, 46))


def tell_nobody(history: History, books: dict[str, list[Any]]) -> None:
    del books["events"][3]


def tell_of_what_was_rolled_back(history: History, books: dict[str, list[Any]]) -> None:
    books["events"].append(Event(0, 6, "ghost", "0:6", "posted", b""))


def tell_another_status(history: History, books: dict[str, list[Any]]) -> None:
    books["events"][0] = msgspec.structs.replace(books["events"][0], status="rejected")


def tell_it_again_in_other_words(history: History, books: dict[str, list[Any]]) -> None:
    books["events"].append(msgspec.structs.replace(books["events"][0], value=b"other"))


def tell_out_of_order(history: History, books: dict[str, list[Any]]) -> None:
    books["events"][1], books["events"][2] = books["events"][2], books["events"][1]


def tell_without_an_entry(history: History, books: dict[str, list[Any]]) -> None:
    books["events"][3] = msgspec.structs.replace(books["events"][3], entries=())


def tell_another_balance(history: History, books: dict[str, list[Any]]) -> None:
    told = ToldEntry("alice", 4, "55.01")
    books["events"][5] = msgspec.structs.replace(
        books["events"][5], entries=(told, books["events"][5].entries[1])
    )


def deliver_all_but_one(history: History, books: dict[str, list[Any]]) -> None:
    del history.hooks[1].taken["hold"]


def deliver_what_was_not_told(history: History, books: dict[str, list[Any]]) -> None:
    history.hooks[0].taken["ghost"] = 1


def deliver_another_type(history: History, books: dict[str, list[Any]]) -> None:
    history.hooks[1].taken["refused"] = 1


def deliver_what_nobody_signed(history: History, books: dict[str, list[Any]]) -> None:
    history.hooks[0].forged.append("deposit: no matching signature found")


def stream_with_a_gap(history: History, books: dict[str, list[Any]]) -> None:
    del history.streams[0].seen["hold"]


def stream_again_what_was_told_once(history: History, books: dict[str, list[Any]]) -> None:
    history.streams[0].seen["hold"] = 2


def stream_what_was_not_told(history: History, books: dict[str, list[Any]]) -> None:
    history.streams[0].seen["ghost"] = 1


def answer_with_an_error(history: History, books: dict[str, list[Any]]) -> None:
    history.surprises.append(Surprise("the balance of bob", 500, "internal_error"))


def found(history: History, books: dict[str, list[Any]]) -> set[tuple[Harm, str]]:
    """The harms that are seen, with the promises that they break."""
    seen = breaches(history, Books(**books, commits=[]))
    return {(one.harm, one.promise.partition(" ")[0]) for one in seen}


def test_a_history_that_is_right_breaks_nothing() -> None:
    assert found(*sound()) == set()


def test_what_was_told_twice_in_the_same_words_and_what_was_lost_while_unknown_is_no_harm() -> None:
    history, books = sound()
    books["events"].append(books["events"][1])
    history.streams[0].seen["transfer"] = 2
    history.hooks[0].taken["transfer"] = 3
    assert found(history, books) == set()


@pytest.mark.parametrize(
    ("doctor", "harm", "promise"),
    [
        (lose_a_transaction, Harm.LOST, "P2"),
        (post_twice, Harm.DOUBLED, "P1"),
        (give_a_key_twice, Harm.DOUBLED, "P1"),
        (tell_two_ids, Harm.DOUBLED, "P1"),
        (post_what_failed, Harm.WRONG, "P7"),
        (invent, Harm.WRONG, "P1"),
        (change_the_amount, Harm.WRONG, "P1"),
        (decide_otherwise_than_told, Harm.WRONG, "P7"),
        (post_from_behind_the_position, Harm.WRONG, "P7"),
        (forget_an_accepted_id, Harm.LOST, "P2"),
        (show_another_outcome, Harm.WRONG, "P7"),
        (keep_money_back, Harm.LOST, "P3"),
        (make_money, Harm.DOUBLED, "P3"),
        (overdraw_by_a_hold, Harm.NEGATIVE, "P4"),
        (overdraw_for_a_moment, Harm.NEGATIVE, "P4"),
        (show_a_negative_balance, Harm.NEGATIVE, "P4"),
        (read_before_the_position, Harm.WRONG, "P6"),
        (read_what_was_older_than_an_earlier_read, Harm.WRONG, "P6"),
        (read_what_was_older_than_an_answer, Harm.WRONG, "P6"),
        (read_what_never_was, Harm.WRONG, "P8"),
        (tell_nobody, Harm.LOST, "P10"),
        (tell_of_what_was_rolled_back, Harm.WRONG, "P10"),
        (tell_another_status, Harm.WRONG, "P10"),
        (tell_it_again_in_other_words, Harm.WRONG, "P10"),
        (tell_out_of_order, Harm.WRONG, "P10"),
        (tell_without_an_entry, Harm.LOST, "P10"),
        (tell_another_balance, Harm.WRONG, "P10"),
        (deliver_all_but_one, Harm.LOST, "P11"),
        (deliver_what_was_not_told, Harm.WRONG, "P11"),
        (deliver_another_type, Harm.WRONG, "P11"),
        (deliver_what_nobody_signed, Harm.WRONG, "P11"),
        (stream_with_a_gap, Harm.LOST, "P12"),
        (stream_again_what_was_told_once, Harm.DOUBLED, "P12"),
        (stream_what_was_not_told, Harm.WRONG, "P12"),
        (answer_with_an_error, Harm.WRONG, "every"),
    ],
)
def test_a_planted_fault_is_found(doctor: Doctor, harm: Harm, promise: str) -> None:
    history, books = sound()
    doctor(history, books)
    assert (harm, promise) in found(history, books)
