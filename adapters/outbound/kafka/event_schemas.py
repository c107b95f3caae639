"""JSON Schemas of what outcome events hold, each in a document of its own."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from adapters.outcome_events import SCHEMA_VERSION, schema_of
from adapters.representations import Json
from adapters.schemas.transactions import PostedTransaction, RejectedTransaction
from core.entities.outcome_event import EventType

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_COMMENT: Final = (
    "Later events of this version have every field that this names as required, and none that it "
    "names in another form. They may have more fields, and more values of `type` and `code`."
)
_TYPES: Final[Mapping[EventType, Any]] = {
    EventType.TRANSACTION_POSTED: PostedTransaction,
    EventType.TRANSACTION_REJECTED: RejectedTransaction,
}


def event_schemas() -> Mapping[str, Json]:
    """The schema of each type of event, by the name of its file."""
    return {
        f"{event_type}.v{SCHEMA_VERSION}.json": _schema(event_type, shape)
        for event_type, shape in _TYPES.items()
    }


def _schema(event_type: EventType, shape: Any) -> Json:  # noqa: ANN401 (defstruct's, too)
    schema = msgspec.json.schema(shape)
    parts = schema["$defs"]
    whole = parts.pop(shape.__name__)
    return {
        "$schema": DIALECT,
        "$id": schema_of(event_type),
        "$comment": _COMMENT,
        **whole,
        "title": event_type.value,
        "$defs": parts,
    }
