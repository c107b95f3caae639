"""Outcome events as an operator reads them: a line each."""

from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.inbound.cli.answers import JsonObject
from adapters.inbound.cli.safe_text import safe_text
from adapters.representations import time_text
from core.entities.outcome_event import OutcomeEvent, ToldEvent


def line_of(event: OutcomeEvent) -> str:
    """Time, status, type, id, position, users, amount, and the balances after it or why not."""
    data = _data(event)
    parts = (
        time_text(event.time),
        f"{safe_text(data.get('status')):8}",
        f"{safe_text(data.get('type')):8}",
        str(event.event_id),
        str(event.position),
        ",".join(sorted(safe_text(user) for user in event.users)),
        _amount(data),
        _outcome(data),
    )
    return "  ".join(part for part in parts if part).rstrip()


def object_of(told: ToldEvent, event: OutcomeEvent) -> JsonObject:
    """All that is known of it, for JSON."""
    return {
        "partition": told.place.partition,
        "offset": told.place.offset,
        "event_id": str(event.event_id),
        "type": event.type.value,
        "position": str(event.position),
        "time": time_text(event.time),
        "users": sorted(event.users),
        "data": _data(event),
    }


def _data(event: OutcomeEvent) -> Mapping[str, Any]:
    data: Mapping[str, Any] = msgspec.json.decode(event.data)
    return data


def _amount(data: Mapping[str, Any]) -> str:
    amount = data.get("amount")
    return "" if amount is None else f"{safe_text(amount)} {safe_text(data.get('currency'))}"


def _outcome(data: Mapping[str, Any]) -> str:
    if "code" in data:
        return safe_text(data["code"])
    entries = data.get("entries", ())
    return ", ".join(
        f"{safe_text(one['user_id'])} has {safe_text(one['balance_after'])}" for one in entries
    )
