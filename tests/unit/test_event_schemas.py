"""Schemas of outcome events: what is told keeps to them, and they keep what they promised.

`promised_schemas` holds what events promised at the last release; at the next one the files of
`docs/schemas` take their place. A change that breaks them needs another version of the schema.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from adapters.outbound.kafka.event_records import SCHEMA_HEADER, transaction_record
from adapters.outbound.kafka.event_schemas import event_schemas
from adapters.outcome_events import event_of
from core.entities.transaction import Transaction
from tests.builders import REPRESENTATIONS
from tests.unit.closed_schema import closed
from tests.unit.schema_breaks import breaks
from tests.unit.told_transactions import told_transactions

DOCS: Final = Path(__file__).parents[2] / "docs" / "schemas"
PROMISED: Final = Path(__file__).parent / "promised_schemas"
GROWING: Final = ("CommandType", "RejectionCode")
Change = Callable[[Any], None]


def _promised(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((PROMISED / name).read_text())
    return schema


def test_the_files_in_docs_are_these_schemas() -> None:
    found = {one.name: json.loads(one.read_text()) for one in DOCS.iterdir()}
    assert found == event_schemas(), "run: counterfoil schemas docs/schemas"


@pytest.mark.parametrize("name", [one.name for one in PROMISED.iterdir()])
def test_nothing_that_was_promised_is_taken_back(name: str) -> None:
    assert breaks(_promised(name), event_schemas()[name], GROWING) == []


@pytest.mark.parametrize("one", told_transactions(), ids=lambda one: f"{one.command.type}")
def test_every_event_keeps_to_its_schema(one: Transaction) -> None:
    schemas = {schema["$id"]: schema for schema in event_schemas().values()}
    headers = dict(transaction_record(one, b"tests", REPRESENTATIONS).headers)
    schema = closed(schemas[headers[SCHEMA_HEADER].decode()])
    data = json.loads(event_of(one, REPRESENTATIONS).data)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(data)


def _entry(schema: Any) -> Any:
    return schema["$defs"]["Entry"]


def _renamed(part: Any, old: str, new: str) -> None:
    part["properties"][new] = part["properties"].pop(old)
    part["required"] = [new if one == old else one for one in part["required"]]


BREAKS: Final[Mapping[str, Change]] = {
    "a field renamed": lambda one: _renamed(one, "posted_at", "time"),
    "a field of an entry renamed": lambda one: _renamed(_entry(one), "sequence", "number"),
    "a field gone": lambda one: one["properties"].pop("legs"),
    "a field not always there": lambda one: one["required"].remove("reference"),
    "an amount as a number": lambda one: _entry(one)["properties"].update(
        amount={"type": "number"}
    ),
    "an amount written otherwise": lambda one: _entry(one)["properties"]["amount"].update(
        pattern="^.*$"
    ),
    "a sequence below zero": lambda one: _entry(one)["properties"]["sequence"].pop("minimum"),
    "a longer reference": lambda one: one["properties"]["reference"]["anyOf"][0].update(
        maxLength=10_000
    ),
    "null where there was none": lambda one: one["properties"].update(
        position={"anyOf": [one["properties"]["position"], {"type": "null"}]}
    ),
    "another status": lambda one: one["properties"]["status"].update(enum=["done"]),
    "a list of something else": lambda one: one["properties"].update(
        entries={"type": "array", "items": {"type": "string"}}
    ),
}
GROWTH: Final[Mapping[str, Change]] = {
    "nothing": lambda one: None,
    "a new field": lambda one: one["properties"].update(fee={"type": "string"}),
    "a new field of an entry": lambda one: _entry(one)["properties"].update(fee={"type": "string"}),
    "a field that is always there now": lambda one: one["required"].append("user_id"),
    "never null any more": lambda one: one["properties"].update(
        reference=one["properties"]["reference"]["anyOf"][0]
    ),
    "a new type of command": lambda one: one["$defs"]["CommandType"]["enum"].append("fee"),
    "in other words": lambda one: one.update(description="Whatever."),
}


def _changed(change: Change) -> tuple[dict[str, Any], dict[str, Any]]:
    earlier = _promised("counterfoil.transaction.posted.v1.json")
    later = deepcopy(earlier)
    change(later)
    return earlier, later


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS)
def test_what_breaks_a_promise_is_noticed(change: Change) -> None:
    earlier, later = _changed(change)
    assert len(breaks(earlier, later, GROWING)) == 1


@pytest.mark.parametrize("change", GROWTH.values(), ids=GROWTH)
def test_what_breaks_none_is_let_through(change: Change) -> None:
    earlier, later = _changed(change)
    assert breaks(earlier, later, GROWING) == []
