"""JSON Schemas that take nothing but what they describe."""

from typing import Any


def closed(value: Any) -> Any:
    """The same, but that no object has a field that is not described."""
    if isinstance(value, list):
        return [closed(one) for one in value]
    if not isinstance(value, dict):
        return value
    shut = {name: closed(one) for name, one in value.items()}
    if value.get("type") == "object" and "properties" in value:
        shut.setdefault("additionalProperties", False)
    return shut
