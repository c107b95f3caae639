"""What no accepted command can say is no command: the ledger could not store it, or would not."""

import json
from typing import Any

import pytest

from adapters.records import decode, encode
from core.entities.command import Command
from core.entities.record import Undecodable
from tests.builders import (
    capture,
    change,
    deposit,
    discard,
    hold,
    reversal,
    transfer,
    unkeyed_id,
)
from tests.command_examples import COMMANDS, ID


def replaced(one: Command, **fields: Any) -> Command | Undecodable:
    """A command as it lies in the log, some of its fields replaced behind the API's back."""
    record = encode(one)
    return decode(json.dumps(json.loads(record.value) | fields).encode(), record.headers)


def ordered(one: Command, **fields: Any) -> Command | Undecodable:
    """The same for fields of its order."""
    return replaced(one, order=json.loads(encode(one).value)["order"] | fields)


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.type)
def test_what_was_written_is_read_again(one: Command) -> None:
    record = encode(one)
    read = decode(record.value, record.headers)
    assert read == one
    assert isinstance(read, Command)
    assert type(read.order) is type(one.order)


def test_every_replacement_below_is_of_something_that_can_be_read() -> None:
    assert isinstance(replaced(deposit(), reference="rent"), Command)
    assert isinstance(ordered(deposit(), amount=1), Command)


@pytest.mark.parametrize("currency", ["A\0B", "A\tB", "A\nB", "US1", "usd", "USDX", "USD\n", "ÄÖÜ"])
def test_a_currency_is_three_letters_and_nothing_else(currency: str) -> None:
    assert isinstance(ordered(deposit(), currency=currency), Undecodable)


@pytest.mark.parametrize(
    "fields",
    [
        {"reference": "a\0b"},
        {"idempotency_key": "a\0b"},
        {"client": "a\0b"},
        {"metadata": {"a": "b\0"}},
        {"metadata": {"a\0": "b"}},
        {"metadata": {"": "b"}},
        {"metadata": {"a": "x" * 513}},
        {"metadata": {str(number): "" for number in range(21)}},
        {"reference": "x" * 129},
        {"client": "x" * 129},
        {"idempotency_key": "x" * 260},
        {"v": 1},
        {"id": "00000000-0000-4000-8000-000000000000"},
        {"id": "00000000-0000-7000-0000-000000000000"},
        {"id": str(unkeyed_id("bob"))},
        {"fingerprint": ""},
        {"unknown": 1},
    ],
    ids=str,
)
def test_what_was_never_accepted_is_no_command(fields: dict[str, Any]) -> None:
    assert isinstance(replaced(deposit(), **fields), Undecodable)


@pytest.mark.parametrize(
    ("one", "fields"),
    [
        (deposit(), {"amount": 0}),
        (deposit(), {"amount": -1}),
        (deposit(), {"amount": 10**16 + 1}),
        (deposit(), {"amount": 1.0}),
        (deposit(), {"amount": True}),
        (deposit(), {"exponent": 5}),
        (deposit(), {"exponent": -1}),
        (deposit(), {"user_id": "@settlement:0"}),
        (deposit(), {"type": "unknown"}),
        (deposit(), {"type": "expire"}),
        (deposit(), {"unknown": 1}),
        (transfer(), {"legs": []}),
        (transfer("alice", "bob"), {"legs": [json.loads('{"from_user_id":"alice"}')]}),
        (hold(), {"expires_in": 0}),
        (hold(), {"expires_at": "2027-01-01T00:00:00"}),
        (hold(), {"expires_at": "0001-01-01T00:00:00+14:00"}),
        (hold(), {"expires_at": "9999-12-31T23:59:59-14:00"}),
        (hold(), {"to_user_id": "@settlement:1"}),
        (capture(ID), {"amount": "0"}),
        (capture(ID), {"amount": "-1"}),
        (capture(ID), {"amount": "1e3"}),
        (capture(ID), {"amount": 5}),
        (capture(ID), {"to_user_id": "@settlement:1"}),
        (capture(ID), {"hold_id": str(unkeyed_id("bob"))}),
        (reversal(ID), {"reversed_id": "x"}),
        (change(), {"status": "gone"}),
        (change(), {"overdraft_limit": -1}),
        (change(), {"metadata": {"a": "\0"}}),
        (discard(ID), {"reason": ""}),
        (discard(ID), {"reason": "a\0b"}),
        (discard(ID), {"reason": "x" * 501}),
        (discard(ID), {"position": "3"}),
        (discard(ID), {"position": "3:1\n"}),
        (discard(ID), {"dead_letter_id": str(unkeyed_id("alice"))}),
    ],
    ids=str,
)
def test_what_no_client_can_order_is_no_command(one: Command, fields: dict[str, Any]) -> None:
    assert isinstance(ordered(one, **fields), Undecodable)


@pytest.mark.parametrize("receiver", ["alice", "@settlement:0", ""])
def test_a_transfer_goes_to_another_user(receiver: str) -> None:
    (one_leg,) = json.loads(encode(transfer("alice", "bob")).value)["order"]["legs"]
    changed = one_leg | {"to_user_id": receiver}
    assert isinstance(ordered(transfer("alice", "bob"), legs=[changed]), Undecodable)
