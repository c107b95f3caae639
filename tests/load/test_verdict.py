"""What is wrong with figures is named; what is only slow, or only refused for a while, is not."""

import msgspec
import pytest

from tests.audit import Finding
from tests.load import verdict
from tests.load.figures import Books, Figures, Lag, Latency, Load
from tests.proof import Proof

LATENCY = Latency(p50=1.0, p95=2.0, p99=3.0, max=4.0)
LOAD = Load(
    seconds=3.0,
    opened=10,
    sent=100,
    accepted=100,
    refused={},
    unknown=0,
    accepted_minor_units={"deposit": 5_000, "withdraw": 700},
    reads=40,
    failed_reads={},
    post_ms=LATENCY,
    read_ms=LATENCY,
    failed_checks={},
)
BOOKS = Books(
    posted=90,
    rejected={"insufficient_funds": 10},
    minor_units={"deposit": 5_000, "withdraw": 700},
    seconds_behind=0.5,
    behind=[],
)
FIGURES = Figures(
    clients=4,
    users=10,
    cores=2,
    load=LOAD,
    books=BOOKS,
    cpu_seconds={"api": 1.0},
    rules=[Finding("no entry is there twice", 0, [])],
    proof=Proof("verify --replay", True, ["The books are right."]),
)


def wrong(*, books: Books = BOOKS, **changes: object) -> list[str]:
    load = msgspec.structs.replace(LOAD, **changes)
    return verdict.wrong(msgspec.structs.replace(FIGURES, load=load, books=books))


def books(**changes: object) -> Books:
    return msgspec.structs.replace(BOOKS, **changes)


def test_right_figures_are_right() -> None:
    assert wrong() == []


@pytest.mark.parametrize("posted", [89, 91])
def test_a_transaction_too_few_or_too_many_is_wrong(posted: int) -> None:
    (said,) = wrong(books=books(posted=posted))
    assert said == (
        f"posted and rejected: the books have {posted + 10} transactions, "
        "but 100 commands were accepted"
    )


@pytest.mark.parametrize(("posted", "right"), [(89, False), (90, True), (92, True), (93, False)])
def test_commands_with_an_unknown_outcome_may_be_in_the_books_or_not(
    posted: int, right: bool
) -> None:
    said = wrong(books=books(posted=posted), sent=102, unknown=2)
    assert (said == []) is right


def test_more_money_in_the_books_is_right_only_if_an_outcome_is_unknown() -> None:
    more = books(minor_units={"deposit": 5_001, "withdraw": 700})
    assert wrong(books=more, sent=101, unknown=1) == []
    (said,) = wrong(books=more)
    assert "deposit over 5000 minor units were accepted, but the books have 5001" in said


def test_less_money_in_the_books_is_wrong() -> None:
    (said,) = wrong(books=books(minor_units={"deposit": 5_000}), sent=101, unknown=1)
    assert "withdraw over 700 minor units were accepted, but the books have 0" in said


def test_a_command_without_an_outcome_is_wrong() -> None:
    (said,) = wrong(sent=101)
    assert "101 commands were sent, but the outcomes of 100 were counted" in said


def test_being_told_to_come_back_later_is_right_and_any_other_refusal_wrong() -> None:
    assert wrong(sent=105, refused={"503": 5}) == []
    (said,) = wrong(sent=105, refused={"503": 4, "500": 1})
    assert said == "refused: sound commands, with status 500 (times: 1)"


def test_failed_reads_are_wrong() -> None:
    assert wrong(failed_reads={"0": 2, "404": 1}) == [
        "failed reads: without an answer (times: 2)",
        "failed reads: with status 404 (times: 1)",
    ]


def test_answers_of_another_shape_are_wrong() -> None:
    (said,) = wrong(failed_checks={"a receipt says pending": 3})
    assert said == "answers: not so that a receipt says pending (times: 3)"


def test_a_log_that_is_not_posted_to_its_end_is_wrong() -> None:
    (said,) = wrong(books=books(behind=[Lag(partition=3, next_offset=7, log_end=9)]))
    assert said == "posted: partition 3 stands at offset 7, but its log ends at 9"


def test_a_broken_rule_is_wrong_and_its_rows_are_told() -> None:
    broken = Finding("no entry is there twice", 6, ["leg=0", "leg=1"])
    said = verdict.wrong(msgspec.structs.replace(FIGURES, rules=[broken]))
    assert said == [
        "audit: BROKEN: no entry is there twice (rows: 6)",
        "    leg=0",
        "    leg=1",
    ]


def test_what_the_operators_own_check_finds_is_wrong() -> None:
    off = Proof("verify --replay", False, ["7  alice  USD  balance  1.00  1.01"])
    said = verdict.wrong(msgspec.structs.replace(FIGURES, proof=off))
    assert said == ["counterfoil verify --replay: something is off", f"    {off.lines[0]}"]
