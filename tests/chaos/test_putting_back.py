"""What books that were put back may have decided anew: what nobody had been told, and no more."""

from typing import Any, Final

import msgspec
import pytest

from tests.chaos.books import BookEntry, BookPage, LostBooks, LostPage
from tests.chaos.evidence import Harm
from tests.chaos.history import Call, History, Look, Order, Read
from tests.chaos.sound_history import Doctor, call, event, found, sound, transaction

LAST: Final = 6
"""Offset of the one record of the page that was lost."""
GONE_AT: Final = 10.0
BACK_AT: Final = 12.0


def withdrawal() -> Call:
    """Bob's; its client was told that it is posted, before the books were gone."""
    order = Order("withdraw", "bob", 40)
    return call("last", order, LAST, answered_at=7.0, decided="posted")


def put_back() -> tuple[History, dict[str, list[Any]]]:
    """Bob took 40 of his 45, and saw it; of the page nobody was told. Decided anew, it is refused:
    the carrying back of 10 of his money is still there, and another 30 went before.
    """
    history, books = sound()
    asked = withdrawal()
    history.calls.append(asked)
    history.reads += [
        Read("bob", f"0:{LAST}", 7.0, 7.1, 4, 5, 5),
        Read("bob", None, 10.5, 10.6, 2, 55, 55),
        Read("bob", None, 13.0, 13.1, 3, 45, 45),
    ]
    history.looks.append(Look("last", "last", 7.2, 7.3, 200, "posted"))
    anew = transaction(asked, LAST, "account_frozen")
    books["transactions"].append(anew)
    books["events"].append(event(anew))
    history.hooks[0].taken["last"] = 1
    history.streams[0].seen["last"] = 1
    books["lost"] = [
        LostBooks(
            gone_at=GONE_AT,
            back_at=BACK_AT,
            pages=[LostPage(BookPage(3, b"lost"), 0, LAST, LAST + 1)],
            transactions=[transaction(asked, LAST)],
            entries=[BookEntry("bob", 4, -40, 5, 0, LAST)],
        )
    ]
    return history, books


def tell_it(history: History, books: dict[str, list[Any]]) -> None:
    """The page was told after all."""
    books["lost"] = [one.without([BookPage(3, b"lost")]) for one in books["lost"]]


def tell_it_later(history: History, books: dict[str, list[Any]]) -> None:
    """Its client was told of it after the books were put back."""
    told = history.calls[-1].attempts
    told[0] = msgspec.structs.replace(told[0], invoked_at=10.1, answered_at=10.2)


def look_later(history: History, books: dict[str, list[Any]]) -> None:
    history.looks.append(Look("last", "last", 10.1, 10.2, 200, "posted"))


def read_it_later(history: History, books: dict[str, list[Any]]) -> None:
    history.reads.append(Read("bob", None, 10.1, 10.2, 4, 5, 5))


def read_too_little_before(history: History, books: dict[str, list[Any]]) -> None:
    history.reads.append(Read("bob", f"0:{LAST}", 7.5, 7.6, 3, 45, 45))


def read_too_little_when_all_is_back(history: History, books: dict[str, list[Any]]) -> None:
    history.reads.append(Read("bob", None, 12.1, 12.2, 2, 55, 55))


def read_what_never_was(history: History, books: dict[str, list[Any]]) -> None:
    history.reads.append(Read("bob", None, 8.0, 8.1, 4, 6, 6))


def lose_what_was_accepted(history: History, books: dict[str, list[Any]]) -> None:
    books["transactions"] = books["transactions"][:-1]
    books["events"] = books["events"][:-1]


def tell_an_outcome_without_its_page(history: History, books: dict[str, list[Any]]) -> None:
    first = books["lost"][0].transactions[0]
    books["events"].insert(-1, event(first))


def test_what_nobody_was_told_may_be_decided_anew() -> None:
    assert found(*put_back()) == set()


def test_an_answer_that_was_under_way_may_be_of_either_books() -> None:
    history, books = put_back()
    told = history.calls[-1].attempts
    told[0] = msgspec.structs.replace(told[0], answered_at=10.2)
    history.reads += [
        Read("bob", f"0:{LAST}", 9.9, 10.1, 4, 5, 5),
        Read("bob", f"0:{LAST}", 9.9, 10.1, 3, 45, 45),
    ]
    assert found(history, books) == set()


@pytest.mark.parametrize(
    ("doctor", "harm", "promise"),
    [
        (tell_it, Harm.WRONG, "P7"),
        (tell_it, Harm.WRONG, "P8"),
        (tell_it, Harm.WRONG, "P6"),
        (tell_it_later, Harm.WRONG, "P7"),
        (look_later, Harm.WRONG, "P7"),
        (read_it_later, Harm.WRONG, "P8"),
        (read_too_little_before, Harm.WRONG, "P6"),
        (read_too_little_when_all_is_back, Harm.WRONG, "P6"),
        (read_what_never_was, Harm.WRONG, "P8"),
        (lose_what_was_accepted, Harm.LOST, "P2"),
        (tell_an_outcome_without_its_page, Harm.WRONG, "P10"),
    ],
)
def test_what_is_more_than_that_is_found(doctor: Doctor, harm: Harm, promise: str) -> None:
    history, books = put_back()
    doctor(history, books)
    assert (harm, promise) in found(history, books)
