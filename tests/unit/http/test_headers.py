"""How the headers are read."""

import pytest

from adapters.inbound.http.idempotency_key import idempotency_key
from adapters.inbound.http.prefer import preferred_wait
from core.refusals import InvalidFieldError


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ([], None),
        ([""], None),
        (["wait=0"], 0),
        (["wait=5"], 5),
        (["WAIT=5"], 5),
        (["wait = 5"], 5),
        (['wait="5"'], 5),
        (["wait=005"], 5),
        (["wait=30"], 30),
        (["wait=31"], 30),
        (["wait=100"], 30),
        (["wait=" + "9" * 100], 30),
        (["respond-async, wait=5"], 5),
        (["respond-async", "wait=5"], 5),
        (["wait=5;a=b"], 5),
        (["wait=5 ; a"], 5),
        (["wait=5, wait=7"], 5),
        (["wait=x, wait=7"], None),
        (['foo="a, wait=9", wait=5'], 5),
        (['foo="\\", wait=9"'], None),
        (["wait"], None),
        (["wait="], None),
        (["wait=-1"], None),
        (["wait=+1"], None),
        (["wait=1.5"], None),
        (["wait=1e1"], None),
        (['wait="5'], None),
        (["await=5"], None),
        (["wait=5" + " " * 300], None),
        (['"' * 255], None),
        (['"\\' * 127], None),
    ],
)
def test_prefer_is_read_as_rfc_7240_says(lines: list[str], seconds: int | None) -> None:
    assert preferred_wait(lines) == seconds


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("abc", "abc"),
        ('"abc"', "abc"),
        ('"a b"', "a b"),
        ('"a\\"b"', 'a"b'),
        ('"a\\\\b"', "a\\b"),
        ('""', ""),
        ('a"b', 'a"b'),
    ],
)
def test_a_key_is_quoted_or_bare(line: str, key: str) -> None:
    assert idempotency_key([line]) == key


def test_no_line_is_no_key() -> None:
    assert idempotency_key([]) is None


@pytest.mark.parametrize("lines", [['"'], ['"a'], ['"a"b'], ['"a\\b"'], ['"a";b'], ["a", "a"]])
def test_a_key_that_is_neither_is_refused(lines: list[str]) -> None:
    with pytest.raises(InvalidFieldError):
        idempotency_key(lines)
