"""The topics and their messages."""

from collections.abc import Sequence
from typing import Final

from adapters.asyncapi.parts import channel, message, only, operation
from adapters.outbound.kafka.event_records import (
    CONTENT_TYPE,
    CONTENT_TYPE_HEADER,
    DETAIL_HEADER,
    ID_HEADER,
    POSITION_HEADER,
    REASON_HEADER,
    REQUEST_ID_HEADER,
    SCHEMA_HEADER,
    SOURCE_HEADER,
    SPEC_VERSION,
    SPEC_VERSION_HEADER,
    TIME_HEADER,
    TRANSACTION_ID_HEADER,
    TYPE_HEADER,
)
from adapters.outcome_events import schema_of
from adapters.page_records import KIND_HEADER, SIGNED_HEAD
from adapters.records import REQUEST_ID_HEADER as COMMAND_REQUEST_ID_HEADER
from adapters.records import TRANSACTION_ID_HEADER as COMMAND_ID_HEADER
from adapters.representations import Json
from adapters.tracing import TRACEPARENT
from core.entities.dead_letter import DeadLetterReason
from core.entities.outcome_event import EventType

_PLACE: Final[Json] = {
    "type": "string",
    "description": "The user id, or the id of the hold or transaction that the command names: "
    "what has one key has one order.",
}
_REQUEST_ID: Final[Json] = {"type": "string", "description": "Of the HTTP request."}
_TRACEPARENT: Final[Json] = {
    "type": "string",
    "description": "Where its trace is recorded: the span that appended it (W3C Trace Context).",
}


def channels(commands: str, transactions: str, dead: str, pages: str) -> Json:
    """The topics, under these names."""
    return {
        "commands": _topic(commands, "The command log.", ("command",)),
        "transactions": _topic(
            transactions,
            "What became of each command.",
            ("transactionPosted", "transactionRejected"),
        ),
        "dead": _topic(
            dead, "Copies of records that no code could read or apply.", ("deadLetter",)
        ),
        "pages": _topic(
            pages,
            "Which records were posted together, and in which order: what a restore and a replay "
            "need beside the command log. Signed heads come among them.",
            ("page", "signedHead"),
        ),
    }


OPERATIONS: Final[Json] = {
    "appendCommands": operation("send", "commands", "The API appends."),
    "postCommands": operation("receive", "commands", "The processor posts."),
    "tellTransactions": operation("send", "transactions", "The processor tells."),
    "tellDeadLetters": operation("send", "dead", "The processor tells."),
    "tellPages": operation("send", "pages", "The processor tells."),
    "publishSignedHeads": operation("send", "pages", "The processor publishes."),
    "restorePages": operation("receive", "pages", "A processor whose books were put back reads."),
}


def messages(
    command: Json,
    outcomes: tuple[Json, Json],
    pages: tuple[Json, Json],
    transaction_id: Json,
    position: Json,
) -> Json:
    """What is in the topics, with the schemas of the values."""
    posted, rejected = outcomes
    page, signed_head = pages
    return {
        "command": _command_message(command, transaction_id),
        "transactionPosted": _event_message(EventType.TRANSACTION_POSTED, posted, transaction_id),
        "transactionRejected": _event_message(
            EventType.TRANSACTION_REJECTED, rejected, transaction_id
        ),
        "deadLetter": _dead_letter_message(transaction_id, position),
        "page": _page_message(page),
        "signedHead": _signed_head_message(signed_head),
    }


def _topic(address: str, description: str, messages: Sequence[str]) -> Json:
    return channel(address, description, messages, {"kafka": {"topic": address}})


def _command_message(payload: Json, transaction_id: Json) -> Json:
    headers = {COMMAND_ID_HEADER: transaction_id, COMMAND_REQUEST_ID_HEADER: _REQUEST_ID}
    return {
        **message("A command, as it was accepted", payload, headers, {TRACEPARENT: _TRACEPARENT}),
        "description": "Amounts are in minor units, beside the currency's number of decimals; "
        "those whose currency only the books know are decimal strings.",
        "bindings": {"kafka": {"key": _PLACE}},
    }


def _event_message(event_type: EventType, payload: Json, transaction_id: Json) -> Json:
    headers = {
        CONTENT_TYPE_HEADER: only(CONTENT_TYPE.decode()),
        SPEC_VERSION_HEADER: only(SPEC_VERSION.decode()),
        ID_HEADER: transaction_id,
        SOURCE_HEADER: {"type": "string", "description": "Which ledger it is, a URI reference."},
        TYPE_HEADER: only(event_type.value),
        TIME_HEADER: {"type": "string", "format": "date-time", "description": "`posted_at`."},
        SCHEMA_HEADER: only(schema_of(event_type)),
        REQUEST_ID_HEADER: _REQUEST_ID,
    }
    outcome = event_type.value.rpartition(".")[2]
    return {
        **message(f"A command was {outcome}", payload, headers),
        "description": "The transaction, as the HTTP API shows it. The headers are those of "
        "CloudEvents 1.0 in its Kafka binding, binary content mode.",
        "bindings": {"kafka": {"key": _PLACE}},
    }


def _page_message(payload: Json) -> Json:
    return {
        **message("A page was posted", payload, {}),
        "description": "Told before what it decided. It comes again, with the same content, and in "
        "the partitions of pages that may depend on it, too. `head` is where it leaves the chain "
        "of its partition; `secret` is what the chain's salts are made of: whoever knows it can "
        "guess at what hashes hide.",
        "bindings": {
            "kafka": {"key": {"type": "string", "description": "The partition of its records."}}
        },
    }


def _signed_head_message(payload: Json) -> Json:
    return {
        **message("A head was signed", payload, {KIND_HEADER: only(SIGNED_HEAD.decode())}),
        "description": "At intervals, of pages that were told. Whoever keeps it can prove later "
        "that nothing was changed that led to it. It may come again, with the same content.",
        "bindings": {
            "kafka": {"key": {"type": "string", "description": "The partition of its chain."}}
        },
    }


def _dead_letter_message(transaction_id: Json, position: Json) -> Json:
    optional = {
        COMMAND_ID_HEADER: {"type": "string"},
        COMMAND_REQUEST_ID_HEADER: {"type": "string"},
        TRACEPARENT: {"type": "string"},
    }
    headers: dict[str, Json] = {
        REASON_HEADER: {"type": "string", "enum": [one.value for one in DeadLetterReason]},
        DETAIL_HEADER: {"type": "string", "description": "A sentence for the operator."},
        POSITION_HEADER: position,
        TRANSACTION_ID_HEADER: transaction_id,
    }
    return {
        **message("A record that was condemned", {}, headers, optional),
        "description": "Key, value and headers as they lay in the log, whatever they are, and "
        "after them why it was condemned. A record without a value has none here.",
        "contentType": "application/octet-stream",
    }
