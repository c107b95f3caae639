"""Dead letters as an operator sees them: tables, details, JSON."""

from base64 import b64encode
from typing import Final

from adapters.inbound.cli.answers import JsonObject
from adapters.inbound.cli.output import Output
from adapters.representations import Representations, time_text
from core.entities.dead_letter import DeadLetter, FiledLetter
from core.entities.record import Undecodable
from core.entities.transaction import Transaction
from core.usecases.follow_dead_letters import Decided

MAX_CONTENT_BYTES: Final = 4_096
"""Of a key, a value or a header, in `show`; JSON and `--raw` have all of them."""


def row_of(filed: FiledLetter) -> JsonObject:
    """A line of a list."""
    letter = filed.letter
    return {
        "position": str(filed.position),
        "recorded_at": time_text(letter.record.recorded_at),
        "reason": letter.reason.value,
        "state": filed.state.value,
        "transaction_id": str(letter.transaction_id),
        "detail": letter.detail,
    }


def details_of(filed: FiledLetter, shapes: Representations) -> JsonObject:
    """All but the bytes."""
    details = row_of(filed)
    content = filed.letter.record.content
    if isinstance(content, Undecodable):
        details["read_now"] = f"cannot be read: {content.reason}"
    else:
        details["read_now"] = f"{content.type} {content.transaction_id}"
    if filed.decision is not None:
        details["decision"] = shapes.transaction(filed.decision)
    return details


def bytes_of(filed: FiledLetter) -> JsonObject:
    """The record's bytes, for JSON."""
    record = filed.letter.record
    return {
        "key_base64": _base64(record.key),
        "value_base64": _base64(record.value),
        "headers": [
            {"name": name, "value_base64": _base64(value)} for name, value in record.headers
        ],
    }


def show(filed: FiledLetter, shapes: Representations, output: Output) -> None:
    """Print all of it."""
    details = details_of(filed, shapes)
    output.one(details | bytes_of(filed) if output.as_json else details)
    record = filed.letter.record
    for name, value in record.headers:
        output.content(f"header {name}", value, MAX_CONTENT_BYTES)
    output.content("key", record.key, MAX_CONTENT_BYTES)
    output.content("value", record.value, MAX_CONTENT_BYTES)


def outcome_of(decided: Decided, outcome: Transaction | DeadLetter | None) -> JsonObject:
    """What came of a decision: `status` is pending, posted, rejected or dead_letter."""
    told: JsonObject = {
        "dead_letter": str(decided.letter),
        "position": str(decided.position),
        "transaction_id": str(decided.transaction_id),
    }
    match outcome:
        case None:
            told["status"] = "pending"
        case DeadLetter():
            told |= {"status": "dead_letter", "detail": outcome.detail}
        case Transaction():
            told["status"] = outcome.status.value
            if outcome.rejection is not None:
                told["code"] = outcome.rejection.code.value
    return told


def _base64(content: bytes | None) -> str | None:
    return None if content is None else b64encode(content).decode()
