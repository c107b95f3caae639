"""JSON is read exactly: nothing is rounded, nothing is overwritten, nothing surprises."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.inbound.http.json_body import MAX_DEPTH, JsonNumber, json_object
from adapters.inbound.http.problems import ProblemError

texts = st.text(max_size=20)
scalars = st.none() | st.booleans() | texts
values = st.recursive(
    scalars | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(texts, inner)
)
digits = st.text("0123456789", min_size=1, max_size=400)
numbers = st.builds(
    lambda sign, whole, fraction, exponent: sign + (whole.lstrip("0") or "0") + fraction + exponent,
    st.sampled_from(["", "-"]),
    digits,
    st.just("") | digits.map(lambda text: "." + text),
    st.just("") | st.builds("{}{}{}".format, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]),
                            digits),
)  # fmt: skip


def status_of(body: bytes) -> int | None:
    """The status of the problem that `body` is, if it is one."""
    try:
        json_object(body)
    except ProblemError as error:
        return error.problem.status
    return None


@given(numbers)
def test_a_number_is_the_text_it_was_written_as(number: str) -> None:
    body = json_object(f'{{"n": {number} }}'.encode())
    assert body.decimal_text("n") == number
    assert type(body.decimal_text("n")) is str


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_no_digit_of_a_decimal_is_lost(number: Decimal) -> None:
    assert Decimal(json_object(f'{{"n":{number:f}}}'.encode()).decimal_text("n")) == number


@given(st.dictionaries(texts, scalars))
def test_strings_and_constants_are_what_they_were(fields: dict[str, Any]) -> None:
    for ensure_ascii in (True, False):
        written = json.dumps(fields, ensure_ascii=ensure_ascii).encode()
        assert json_object(written).fields == fields


@given(st.lists(st.tuples(texts, values), min_size=1, max_size=5), st.data())
def test_a_name_that_stands_twice_is_refused(
    pairs: list[tuple[str, Any]], data: st.DataObject
) -> None:
    again = data.draw(st.sampled_from(pairs))[0]
    members = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in [*pairs, (again, 1)]]
    body = "{" + ",".join(members) + "}"
    with pytest.raises(ProblemError) as raised:
        json_object(body.encode())
    assert raised.value.problem.status == 422


@given(st.binary(max_size=200) | texts.map(str.encode) | values.map(json.dumps).map(str.encode))
def test_whatever_the_bytes_it_is_an_object_or_a_problem(body: bytes) -> None:
    assert status_of(body) in {None, 400, 422}


@given(st.integers(1, 3_000), st.sampled_from(["[", '{"a":', '[{"b":[']), st.booleans())
def test_depth_is_limited_by_us_and_not_by_the_stack(
    depth: int, opening: str, is_closed: bool
) -> None:
    brackets = [one for one in opening if one in "[{"]
    closing = "".join("]" if one == "[" else "}" for one in reversed(brackets))
    text = '{"a":' + opening * depth + "1" + (closing * depth if is_closed else "") + "}"
    is_fine = is_closed and len(brackets) * depth + 1 <= MAX_DEPTH
    assert status_of(text.encode()) == (None if is_fine else 400)


@given(st.text('[]{}"\\', max_size=2_000))
@example('"')
@example("\\")
@example("\\\\")
@example('\\"')
def test_brackets_in_a_string_are_not_depth(text: str) -> None:
    body = json.dumps({"a": text, "b": "[" * 100, "c": text}).encode()
    assert json_object(body).text("a") == text


def test_many_values_side_by_side_are_not_depth() -> None:
    body = json.dumps({"a": [[] for _ in range(1_000)]}).encode()
    assert "a" in json_object(body).fields


def test_a_number_is_no_string() -> None:
    body = json_object(b'{"n":1,"s":"1"}')
    assert isinstance(body.fields["n"], JsonNumber)
    assert body.text("s") == "1"
    with pytest.raises(ProblemError):
        body.text("n")
