"""The AsyncAPI 3.0 document of the topics, made from what is written to them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

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
from adapters.records import REQUEST_ID_HEADER as COMMAND_REQUEST_ID_HEADER
from adapters.records import TRANSACTION_ID_HEADER as COMMAND_ID_HEADER
from adapters.records import CommandRecord
from adapters.representations import Json
from adapters.schemas.fields import PositionText, TransactionId
from adapters.schemas.transactions import PostedTransaction, RejectedTransaction
from core.entities.dead_letter import DeadLetterReason
from core.entities.outcome_event import EventType

DOCUMENT_VERSION: Final = "0.1.0"
_SCHEMAS: Final = "#/components/schemas/"
_JSON: Final = "application/json"
_DESCRIPTION: Final = (
    "Commands go into one topic; what became of them is told in another one, at least once and in "
    "the order of the commands' positions, partition by partition. Whoever reads drops a `ce_id` "
    "that it has seen; what it keeps has each account's entries under a `sequence` without gaps. "
    "Commands come from Counterfoil alone: whoever wants to move money asks the HTTP API."
)
_PLACE: Final[Json] = {
    "type": "string",
    "description": "The user id, or the id of the hold or transaction that the command names: "
    "what has one key has one order.",
}
_REQUEST_ID: Final[Json] = {"type": "string", "description": "Of the HTTP request."}


def asyncapi_document(commands: str, transactions: str, dead: str) -> Json:
    """The document of a deployment whose topics are named so."""
    shapes = (CommandRecord, PostedTransaction, RejectedTransaction, TransactionId, PositionText)
    described, components = msgspec.json.schema_components(
        shapes, ref_template=f"{_SCHEMAS}{{name}}"
    )
    command, posted, rejected, transaction_id, position = described
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Counterfoil's topics",
            "version": DOCUMENT_VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _JSON,
        "channels": {
            "commands": _channel(commands, "The command log.", ("command",)),
            "transactions": _channel(
                transactions,
                "What became of each command.",
                ("transactionPosted", "transactionRejected"),
            ),
            "dead": _channel(
                dead, "Copies of records that no code could read or apply.", ("deadLetter",)
            ),
        },
        "operations": {
            "appendCommands": _operation("send", "commands", "The API appends."),
            "postCommands": _operation("receive", "commands", "The processor posts."),
            "tellTransactions": _operation("send", "transactions", "The processor tells."),
            "tellDeadLetters": _operation("send", "dead", "The processor tells."),
        },
        "components": {
            "messages": {
                "command": _command_message(command, transaction_id),
                "transactionPosted": _event_message(
                    EventType.TRANSACTION_POSTED, posted, transaction_id
                ),
                "transactionRejected": _event_message(
                    EventType.TRANSACTION_REJECTED, rejected, transaction_id
                ),
                "deadLetter": _dead_letter_message(transaction_id, position),
            },
            "schemas": _without_discriminators(components),
        },
    }


def _channel(address: str, description: str, messages: Sequence[str]) -> Json:
    return {
        "address": address,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": {"topic": address}},
    }


def _operation(action: str, channel: str, summary: str) -> Json:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _command_message(payload: Json, transaction_id: Json) -> Json:
    headers = {COMMAND_ID_HEADER: transaction_id, COMMAND_REQUEST_ID_HEADER: _REQUEST_ID}
    return {
        **_message("A command, as it was accepted", payload, headers),
        "description": "Amounts are in minor units, beside the currency's number of decimals; "
        "those whose currency only the books know are decimal strings.",
        "bindings": {"kafka": {"key": _PLACE}},
    }


def _event_message(event_type: EventType, payload: Json, transaction_id: Json) -> Json:
    headers = {
        CONTENT_TYPE_HEADER: _only(CONTENT_TYPE.decode()),
        SPEC_VERSION_HEADER: _only(SPEC_VERSION.decode()),
        ID_HEADER: transaction_id,
        SOURCE_HEADER: {"type": "string", "description": "Which ledger it is, a URI reference."},
        TYPE_HEADER: _only(event_type.value),
        TIME_HEADER: {"type": "string", "format": "date-time", "description": "`posted_at`."},
        SCHEMA_HEADER: _only(schema_of(event_type)),
        REQUEST_ID_HEADER: _REQUEST_ID,
    }
    outcome = event_type.value.rpartition(".")[2]
    return {
        **_message(f"A command was {outcome}", payload, headers),
        "description": "The transaction, as the HTTP API shows it. The headers are those of "
        "CloudEvents 1.0 in its Kafka binding, binary content mode.",
        "bindings": {"kafka": {"key": _PLACE}},
    }


def _only(text: str) -> Json:
    return {"type": "string", "enum": [text]}


def _dead_letter_message(transaction_id: Json, position: Json) -> Json:
    optional = {
        COMMAND_ID_HEADER: {"type": "string"},
        COMMAND_REQUEST_ID_HEADER: {"type": "string"},
    }
    headers: dict[str, Json] = {
        REASON_HEADER: {"type": "string", "enum": [one.value for one in DeadLetterReason]},
        DETAIL_HEADER: {"type": "string", "description": "A sentence for the operator."},
        POSITION_HEADER: position,
        TRANSACTION_ID_HEADER: transaction_id,
    }
    return {
        **_message("A record that was condemned", {}, headers, optional),
        "description": "Key, value and headers as they lay in the log, whatever they are, and "
        "after them why it was condemned. A record without a value has none here.",
        "contentType": "application/octet-stream",
    }


def _message(
    title: str,
    payload: Json,
    headers: Mapping[str, Json],
    optional: Mapping[str, Any] | None = None,
) -> Json:
    return {
        "title": title,
        "contentType": _JSON,
        "headers": {
            "type": "object",
            "properties": {**headers, **(optional or {})},
            "required": [*headers],
        },
        "payload": payload,
    }


def _without_discriminators(schema: Any) -> Any:  # noqa: ANN401 (any part of a schema)
    """The same for AsyncAPI, whose discriminator is another thing than OpenAPI's."""
    if isinstance(schema, list):
        return [_without_discriminators(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without_discriminators(one)
        for name, one in schema.items()
        if not (name == "discriminator" and isinstance(one, dict) and "propertyName" in one)
    }
