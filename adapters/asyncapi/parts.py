"""What every part of an AsyncAPI document is made of."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.representations import Json

JSON: Final = "application/json"


def channel(address: str | None, description: str, messages: Sequence[str], bindings: Json) -> Json:
    """Where messages go; None is wherever somebody says at the time."""
    return {
        "address": address,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": bindings,
    }


def operation(action: str, channel_name: str, summary: str) -> Json:
    """What Counterfoil does with a channel: `send` or `receive`."""
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel_name}"},
        "summary": summary,
    }


def message(
    title: str,
    payload: Json,
    headers: Mapping[str, Json],
    optional: Mapping[str, Any] | None = None,
) -> Json:
    """A message with all of `headers`, and perhaps some that are `optional`."""
    return {
        "title": title,
        "contentType": JSON,
        "headers": {
            "type": "object",
            "properties": {**headers, **(optional or {})},
            "required": [*headers],
        },
        "payload": payload,
    }


def only(text: str) -> Json:
    """The schema of this text alone."""
    return {"type": "string", "enum": [text]}
