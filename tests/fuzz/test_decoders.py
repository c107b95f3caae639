"""Whatever the bytes, they are read or refused: nothing else is ever raised."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.entities.command import Command
from tests.command_examples import COMMANDS
from tests.fuzz.targets import TARGETS, record_bytes

TYPICAL = [
    b'"',
    b"\\",
    b"\0",
    b"{",
    b"}",
    b",",
    b"-",
    b"e",
    b"9" * 30,
    b"e999",
    b"\xff",
    b"\xed\xa0\x80",
]
PIECES = st.binary(max_size=4) | st.sampled_from(TYPICAL)
EDITS = st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 8), PIECES), max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)

WHATEVER_IT_TAKES = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""On a machine that is busy with other things."""


def edited(data: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    """At some places, some bytes replaced by others."""
    for place, length, piece in edits:
        at = place % (len(data) + 1)
        data = data[:at] + piece + data[at + length :]
    return data


@pytest.mark.parametrize("name", TARGETS)
def test_what_it_began_with_or_once_failed_on_is_read(name: str) -> None:
    target = TARGETS[name]
    for seed in (b"", *target.seeds):
        target.read(seed)


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@WHATEVER_IT_TAKES
def test_any_bytes_are_read_or_refused(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    edited_seeds = st.builds(edited, st.sampled_from(target.seeds), EDITS)
    target.read(data.draw(st.binary(max_size=300) | st.text(max_size=80).map(str.encode)))
    target.read(data.draw(edited_seeds))


@given(st.sampled_from(COMMANDS), st.data())
@WHATEVER_IT_TAKES
def test_any_command_with_any_field_replaced_is_one_or_is_undecodable(
    one: Command, data: st.DataObject
) -> None:
    header, _, value = record_bytes(one).partition(b"\n")
    TARGETS["record"].read(header + b"\n" + replaced(value, data))


def replaced(value: bytes, data: st.DataObject) -> bytes:
    """A record's value with one field, of itself or of its order, replaced by anything."""
    record: dict[str, Any] = json.loads(value)
    fields = data.draw(st.sampled_from([record, record["order"]]))
    fields[data.draw(st.sampled_from([*fields, "new"]))] = data.draw(JSON)
    return json.dumps(record).encode()
