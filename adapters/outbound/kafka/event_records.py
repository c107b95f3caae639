"""Transactions and dead letters as records of their topics."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from adapters.outcome_events import schema_of
from adapters.records import key_of
from adapters.representations import Representations
from core.entities.dead_letter import DeadLetter
from core.entities.outcome_event import EventType
from core.entities.transaction import Transaction

CONTENT_TYPE_HEADER: Final = "content-type"
SPEC_VERSION_HEADER: Final = "ce_specversion"
ID_HEADER: Final = "ce_id"
SOURCE_HEADER: Final = "ce_source"
TYPE_HEADER: Final = "ce_type"
TIME_HEADER: Final = "ce_time"
SCHEMA_HEADER: Final = "ce_dataschema"
REQUEST_ID_HEADER: Final = "ce_requestid"
REASON_HEADER: Final = "dead_letter_reason"
DETAIL_HEADER: Final = "dead_letter_detail"
POSITION_HEADER: Final = "dead_letter_position"
TRANSACTION_ID_HEADER: Final = "dead_letter_transaction_id"

CONTENT_TYPE: Final = b"application/json"
SPEC_VERSION: Final = b"1.0"
_ALWAYS: Final = ((CONTENT_TYPE_HEADER, CONTENT_TYPE), (SPEC_VERSION_HEADER, SPEC_VERSION))
_BY_TYPE: Final = {
    rejected: (
        *_ALWAYS,
        (TYPE_HEADER, event_type.value.encode()),
        (SCHEMA_HEADER, schema_of(event_type).encode()),
    )
    for rejected, event_type in (
        (False, EventType.TRANSACTION_POSTED),
        (True, EventType.TRANSACTION_REJECTED),
    )
}
"""What all events of a type bear."""

_encoder: Final = msgspec.json.Encoder()


class EventRecord(NamedTuple):
    """Key, value and headers as they are published. aiokafka takes no headers but a list's."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def transaction_record(
    transaction: Transaction, source: bytes, representations: Representations
) -> EventRecord:
    """A transaction as its client sees it; told twice, with the same id.

    The headers are those of CloudEvents 1.0 in its Kafka binding, "binary content mode".
    """
    body = representations.transaction(transaction)
    command = transaction.command
    headers = [
        *_BY_TYPE[transaction.rejection is not None],
        (SOURCE_HEADER, source),
        (ID_HEADER, body["transaction_id"].encode()),
        (TIME_HEADER, body["posted_at"].encode()),
        (REQUEST_ID_HEADER, command.request_id.encode()),
    ]
    return EventRecord(key_of(command.order), _encoder.encode(body), headers)


def dead_letter_record(letter: DeadLetter) -> EventRecord:
    """The record as it lay in the log; why it was condemned follows its own headers."""
    record = letter.record
    headers = [
        (REASON_HEADER, letter.reason.value),
        (DETAIL_HEADER, letter.detail),
        (POSITION_HEADER, str(record.position)),
        (TRANSACTION_ID_HEADER, str(letter.transaction_id)),
    ]
    return EventRecord(record.key, record.value, [*record.headers, *_encoded(headers)])


def _encoded(headers: Sequence[tuple[str, str]]) -> list[tuple[str, bytes]]:
    return [(name, value.encode(errors="replace")) for name, value in headers]
