"""Outcomes as other programs find them in the topics."""

import json

import pytest

from core.entities.dead_letter import DeadLetter, DeadLetterReason, dead_letter_id
from core.entities.page import LedgerState, Outcomes
from core.errors import EventsUnavailableError
from core.posting.post import post
from infra.local.kafka import LocalKafka
from tests.builders import (
    REPRESENTATIONS,
    broken_record,
    deposit,
    logged,
    unkeyed_id,
    withdrawal,
)
from tests.eventually import eventually
from tests.kafka_log import KafkaLog, fresh_topics


async def test_a_transaction_is_json_keyed_by_its_user(kafka: LocalKafka) -> None:
    commands = [logged(deposit("alice"), 0, 5), logged(withdrawal("bob"), 1, 5)]
    posted, rejected = post(commands, LedgerState({}, {})).transactions
    async with fresh_topics(kafka.bootstrap_servers) as topics, topics.events() as events:
        await eventually(lambda: events.is_connected)
        await events.publish(5, Outcomes([posted, rejected], ()))
        first, second = await topics.read_all(topics.transactions, 5, 2)
    assert (first.key, second.key) == (b"alice", b"bob")
    assert json.loads(first.value or b"") == REPRESENTATIONS.transaction(posted)
    assert json.loads(second.value or b"") == REPRESENTATIONS.transaction(rejected)
    assert first.headers == {
        "content-type": b"application/json",
        "ce_specversion": b"1.0",
        "ce_id": str(posted.command.transaction_id).encode(),
        "ce_source": b"tests",
        "ce_type": b"counterfoil.transaction.posted",
        "ce_time": b"2026-01-31T12:00:00.000000Z",
        "ce_dataschema": b"urn:counterfoil:transaction:posted:v1",
        "ce_requestid": b"request-1",
    }
    assert second.headers["ce_type"] == b"counterfoil.transaction.rejected"
    assert second.headers["ce_dataschema"] == b"urn:counterfoil:transaction:rejected:v1"


async def test_a_dead_letter_says_what_it_was_and_why_it_is_dead(kafka: LocalKafka) -> None:
    transaction_id = unkeyed_id("alice")
    record = broken_record(17, 5, b"\xff", (("theirs", b"\x00\x01"),))
    letter = DeadLetter(record, DeadLetterReason.NOT_APPLICABLE, "Bug: \udcff é", transaction_id)
    async with fresh_topics(kafka.bootstrap_servers) as topics, topics.events() as events:
        await eventually(lambda: events.is_connected)
        await events.publish(5, Outcomes((), [letter]))
        (told,) = await topics.read_all(topics.dead, 5, 1)
    assert (told.key, told.value) == (b"key", b"\xff")
    assert told.headers == {
        "theirs": b"\x00\x01",
        "dead_letter_reason": b"not_applicable",
        "dead_letter_detail": "Bug: ? é".encode(),
        "dead_letter_position": b"5:17",
        "dead_letter_transaction_id": str(transaction_id).encode(),
    }


async def test_the_largest_record_of_the_log_can_become_a_dead_letter(kafka: LocalKafka) -> None:
    largest = broken_record(0, 5, b"\xff" * (1024 * 1024 - 100))
    letter = DeadLetter(largest, DeadLetterReason.UNDECODABLE, "no JSON", dead_letter_id(largest))
    async with fresh_topics(kafka.bootstrap_servers) as topics, topics.events() as events:
        await topics.put(5, largest.key, largest.value, [])
        await eventually(lambda: events.is_connected)
        await events.publish(5, Outcomes((), [letter]))
        (found,) = await topics.read_all(topics.dead, 5, 1)
    assert found.value == largest.value


async def test_without_its_topics_nothing_is_told_and_it_is_said_so(kafka: LocalKafka) -> None:
    transactions = post([logged(deposit())], LedgerState({}, {})).transactions
    async with KafkaLog(kafka.bootstrap_servers).events() as events:
        with pytest.raises(EventsUnavailableError):
            await events.publish(0, Outcomes(transactions, ()))
