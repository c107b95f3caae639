"""Transactions and dead letters as records of their topics."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from adapters.records import key_of
from adapters.representations import Representations
from core.entities.dead_letter import DeadLetter
from core.entities.transaction import Transaction

EVENT_ID_HEADER: Final = "event_id"
EVENT_TYPE_HEADER: Final = "event_type"
REQUEST_ID_HEADER: Final = "request_id"
REASON_HEADER: Final = "dead_letter_reason"
DETAIL_HEADER: Final = "dead_letter_detail"
POSITION_HEADER: Final = "dead_letter_position"
TRANSACTION_ID_HEADER: Final = "dead_letter_transaction_id"

_POSTED: Final = b"transaction.posted"
_REJECTED: Final = b"transaction.rejected"

_encoder: Final = msgspec.json.Encoder()


class EventRecord(NamedTuple):
    """Key, value and headers as they are published. aiokafka takes no headers but a list's."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def transaction_record(transaction: Transaction, representations: Representations) -> EventRecord:
    """A transaction as its client sees it. Told twice, it bears the same event id."""
    body = representations.transaction(transaction)
    command = transaction.command
    headers = [
        (EVENT_ID_HEADER, body["transaction_id"].encode()),
        (EVENT_TYPE_HEADER, _POSTED if transaction.rejection is None else _REJECTED),
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
