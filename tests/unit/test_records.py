"""What no accepted command can say is no command: the ledger could not store it, or would not."""

import json
from typing import Any

import pytest

from adapters.records import decode, encode
from core.entities.command import Command
from core.entities.record import Undecodable
from tests.builders import deposit


def changed(**fields: Any) -> Command | Undecodable:
    """A deposit as it lies in the log, some of its fields replaced behind the API's back."""
    record = encode(deposit(reference="rent", idempotency_key="key"))
    return decode(json.dumps(json.loads(record.value) | fields).encode(), record.headers)


def test_what_was_written_is_read_again() -> None:
    command = deposit(reference=r"a backslash and \u0000, not NUL", idempotency_key="key")
    record = encode(command)
    assert decode(record.value, record.headers) == command


@pytest.mark.parametrize("currency", ["A\0B", "A\tB", "A\nB", "US1", "usd", "USDX", "USD\n", "ÄÖÜ"])
def test_a_currency_is_three_letters_and_nothing_else(currency: str) -> None:
    assert isinstance(changed(currency=currency), Undecodable)


@pytest.mark.parametrize(
    "fields",
    [
        {"reference": "a\0b"},
        {"idempotency_key": "a\0b"},
        {"client": "a\0b"},
        {"reference": "x" * 129},
        {"client": "x" * 129},
        {"idempotency_key": "x" * 256},
        {"amount": 0},
        {"amount": -1},
        {"amount": 10**16 + 1},
        {"amount": 1.0},
        {"amount": True},
        {"v": 2},
        {"user_id": "@settlement:0"},
        {"id": "00000000-0000-4000-8000-000000000000"},
        {"id": "00000000-0000-7000-0000-000000000000"},
        {"fingerprint": ""},
        {"unknown": 1},
    ],
    ids=str,
)
def test_what_was_never_accepted_is_no_command(fields: dict[str, Any]) -> None:
    assert isinstance(changed(**fields), Undecodable)
