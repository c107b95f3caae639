"""The calls of webhooks."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.asyncapi.parts import JSON, channel, message, only, operation
from adapters.representations import Json
from adapters.webhook_calls import (
    CONTENT_TYPE_HEADER,
    ID_HEADER,
    SHAPES,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
)

_HTTP: Final[Json] = {"http": {"method": "POST", "bindingVersion": "0.3.0"}}
_NAMES: Final[Mapping[str, Any]] = {f"webhook{shape.__name__}": shape for shape in SHAPES}
CHANNELS: Final[Json] = {
    "webhooks": channel(None, "The endpoints that were added with `POST /webhooks`.", [*_NAMES], {})
}
OPERATIONS: Final[Json] = {
    "callEndpoints": {
        **operation(
            "send",
            "webhooks",
            "Each event is told to each endpoint, at least once, until it answers 2xx.",
        ),
        "bindings": _HTTP,
    }
}


def messages(shapes: Mapping[Any, Json], event_id: Json) -> Json:
    """The calls, with the schemas of their bodies."""
    return {name: _call(shapes[shape], event_id) for name, shape in _NAMES.items()}


def _call(payload: Json, event_id: Json) -> Json:
    headers: dict[str, Json] = {
        ID_HEADER: event_id,
        TIMESTAMP_HEADER: {"type": "string", "description": "Seconds since 1970, of this call."},
        SIGNATURE_HEADER: {
            "type": "string",
            "description": "`v1,` and base64 of an HMAC-SHA256 over id, timestamp and body, joined "
            "by points; one for each secret, separated by spaces (Standard Webhooks).",
        },
        CONTENT_TYPE_HEADER: only(JSON),
    }
    return message("An event, told to an endpoint", payload, headers)
