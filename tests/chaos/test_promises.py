"""Each check finds what it is there for: a small history that is right, and one fault in it."""

from typing import Any

import msgspec
import pytest

from tests.chaos.books import BookAccount, BookEntry, BookPage, Event, ToldEntry
from tests.chaos.evidence import Harm
from tests.chaos.history import History, Look, Order, Read, Surprise
from tests.chaos.sound_history import Doctor, call, event, found, sound, transaction
from tests.proof import Proof


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
    history.looks.append(Look("deposit", "deposit", 6.2, 6.3, 404, None))


def show_another_outcome(history: History, books: dict[str, list[Any]]) -> None:
    history.looks.append(Look("deposit", "deposit", 6.2, 6.3, 200, "rejected"))


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


def find_an_amount_that_was_changed(history: History, books: dict[str, list[Any]]) -> None:
    books["proofs"][0] = Proof("verify", False, ["The books are NOT right."])


def decide_otherwise_when_replayed(history: History, books: dict[str, list[Any]]) -> None:
    books["proofs"][1] = Proof("verify --replay", False, ["The books are NOT right."])


def make_other_books_of_the_log(history: History, books: dict[str, list[Any]]) -> None:
    books["proofs"][2] = Proof("rebuild --into", False, ["entry differ."])


def lose_a_page_that_was_told(history: History, books: dict[str, list[Any]]) -> None:
    books["pages"] = books["pages"][:1]


def decide_a_page_otherwise_than_was_told(history: History, books: dict[str, list[Any]]) -> None:
    books["pages"] = [*books["pages"][:1], BookPage(2, b"other")]


def answer_with_an_error(history: History, books: dict[str, list[Any]]) -> None:
    history.surprises.append(Surprise("the balance of bob", 500, "internal_error"))


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
        (find_an_amount_that_was_changed, Harm.WRONG, "P13"),
        (decide_otherwise_when_replayed, Harm.WRONG, "P13"),
        (make_other_books_of_the_log, Harm.WRONG, "P13"),
        (lose_a_page_that_was_told, Harm.LOST, "P14"),
        (decide_a_page_otherwise_than_was_told, Harm.LOST, "P14"),
        (answer_with_an_error, Harm.WRONG, "every"),
    ],
)
def test_a_planted_fault_is_found(doctor: Doctor, harm: Harm, promise: str) -> None:
    history, books = sound()
    doctor(history, books)
    assert (harm, promise) in found(history, books)
