"""The description of the topics says what is written to them.

`asyncapi-3.0.0.json` is the JSON Schema of AsyncAPI 3.0.0 (the AsyncAPI Initiative, Apache-2.0), as
`@asyncapi/specs` 6.11.1 of the npm registry has it under `schemas/3.0.0-without-$id.json`.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from adapters.asyncapi.document import asyncapi_document
from adapters.inbound.webhooks.bodies import WebhookBodies
from adapters.outbound.calls.signing import USER_AGENT, signed_headers
from adapters.outbound.kafka.event_records import dead_letter_record, transaction_record
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.page_records import SIGNED_HEAD_HEADERS, encode_head, encode_row
from adapters.records import encode
from adapters.tracing import TRACEPARENT
from bootstrap import make_container
from core.entities.command import Command
from core.entities.dead_letter import DeadLetter, DeadLetterReason, dead_letter_id
from core.entities.outcome_event import TYPE_OF_STATUS, EventType
from core.entities.page_row import Condemned, PageRow
from core.entities.signed_head import HeadStatement, SignedHead
from core.entities.webhooks.delivery import TEST_TYPE, Delivery, DeliveryState
from core.ports.webhooks.sender import Call
from entrypoints import asyncapi
from entrypoints.settings import Settings
from tests.builders import (
    NOON,
    REPRESENTATIONS,
    broken_record,
    deposit,
    unkeyed_id,
)
from tests.unit.closed_schema import closed
from tests.unit.replay import Replay
from tests.unit.told_transactions import told_commands, told_transactions
from tests.unit.webhook_world import SECRET

ROOT = Path(__file__).parents[2]
CALLS: dict[str, str] = {
    EventType.TRANSACTION_POSTED: "webhookPostedCall",
    EventType.TRANSACTION_REJECTED: "webhookRejectedCall",
    TEST_TYPE: "webhookTestCall",
}
TOPICS = (
    "counterfoil.commands",
    "counterfoil.transactions",
    "counterfoil.dead",
    "counterfoil.pages",
)


@cache
def document() -> dict[str, Any]:
    return asyncapi_document(*TOPICS)


def delivery(event_id: UUID, event_type: str) -> Delivery:
    return Delivery(
        endpoint_id=unkeyed_id("endpoint"),
        event_id=event_id,
        type=event_type,
        number=1,
        state=DeliveryState.WAITING,
        attempts=0,
        created_at=NOON,
        next_attempt_at=NOON,
    )


def assert_described(
    message: str, value: bytes | None, headers: Sequence[tuple[str, bytes]]
) -> None:
    described = document()["components"]["messages"][message]
    named = {name: text.decode() for name, text in headers}
    _assert_valid({**described["headers"], "additionalProperties": False}, named)
    if described["payload"]:
        assert value is not None
        _assert_valid(described["payload"], json.loads(value))


def _assert_valid(schema: dict[str, Any], value: object) -> None:
    whole = {**schema, "components": closed(document()["components"])}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    assert not [error.message for error in validator.iter_errors(value)], value


def test_it_is_asyncapi_3() -> None:
    schema = json.loads(Path(__file__).with_name("asyncapi-3.0.0.json").read_text())
    errors = [error.message for error in Draft7Validator(schema).iter_errors(document())]
    assert not errors


def test_the_page_in_docs_is_this_document() -> None:
    kept = (ROOT / "docs/asyncapi.json").read_text()
    assert kept == asyncapi.text(Settings()) + "\n", "counterfoil asyncapi > docs/asyncapi.json"


def test_topics_are_named_as_the_deployment_names_them() -> None:
    channels = asyncapi_document("a", "b", "c", "d")["channels"]
    assert [one["address"] for one in channels.values()] == ["a", "b", "c", "d", None]


@pytest.mark.parametrize("one", told_commands(), ids=lambda one: one.type)
def test_a_command_is_written_as_described(one: Command) -> None:
    record = encode(one)
    assert_described("command", record.value, record.headers)


def test_a_traced_command_is_written_as_described() -> None:
    record = encode(deposit(), [(TRACEPARENT, b"00-trace")])
    assert_described("command", record.value, record.headers)


def test_outcomes_are_told_as_described() -> None:
    told = told_transactions()
    assert {one.status.value for one in told} == {"posted", "rejected"}
    for one in told:
        record = transaction_record(one, b"tests", REPRESENTATIONS)
        assert_described(
            f"transaction{one.status.value.capitalize()}", record.value, record.headers
        )


def test_dead_letters_are_told_as_described() -> None:
    record = broken_record()
    letter = DeadLetter(
        record, DeadLetterReason.UNDECODABLE, "the record has no value", dead_letter_id(record)
    )
    told = dead_letter_record(letter)
    assert_described("deadLetter", told.value, told.headers)


def test_pages_are_told_as_described() -> None:
    condemned = (Condemned(7, DeadLetterReason.UNDECODABLE),)
    row = PageRow(3, 1, 2, 5, 9, 3, 6, 1, b"h" * 32, b"s" * 32, True, NOON, condemned)
    for told in (row, row._replace(head=None, condemned=())):
        assert_described("page", encode_row(told), [])


def test_signed_heads_are_published_as_described() -> None:
    statement = HeadStatement("tests", 3, 7, 100, b"h" * 32, NOON)
    signed = SignedHead(statement, "0123456789abcdef", b"s" * 64)
    assert_described("signedHead", encode_head(signed), SIGNED_HEAD_HEADERS)


async def test_endpoints_are_told_as_described() -> None:
    replay = Replay()
    deliveries = [
        delivery(one.command.transaction_id, TYPE_OF_STATUS[one.status])
        for one in replay.post(*told_commands())
    ]
    deliveries.append(delivery(unkeyed_id("alice"), TEST_TYPE))
    bodies = await WebhookBodies(MemoryLedgerReader(replay.books), REPRESENTATIONS)(deliveries)
    assert {one.type for one in deliveries} == CALLS.keys()
    for one in deliveries:
        body = bodies[one.event_id]
        headers = signed_headers(Call("", str(one.event_id), NOON, [SECRET], body))
        told = [(name.lower(), text.encode()) for name, text in headers.items()]
        told.remove(("user-agent", USER_AGENT.encode()))
        assert_described(CALLS[one.type], body, told)


async def test_the_api_serves_it_under_the_topics_names_of_the_deployment() -> None:
    container = make_container(Settings(kafka_dead_topic="graves", http_port=0).model_dump())
    async with (
        container.api_server() as server,
        ClientSession() as session,
        session.get(f"{server.url}/asyncapi.json") as response,
    ):
        served = await response.json()
    assert served == asyncapi_document(*TOPICS[:2], "graves", TOPICS[3])
