"""Rows of the webhook tables, as what they stand for."""

import asyncpg

from adapters.outbound.postgres.rows import plain_id
from core.entities.webhooks.delivery import Attempt, Delivery, DeliveryState
from core.entities.webhooks.endpoint import DisabledBecause, Endpoint, EndpointStatus, Health

ENDPOINT_COLUMNS = (
    "endpoint_id, url, description, event_types, status, disabled_because, created_at, "
    "failures_in_a_row, pauses, paused_until"
)
DELIVERY_COLUMNS = (
    "endpoint_id, event_id, type, number, state, attempts, created_at, next_attempt_at, "
    "last_attempt_at, last_status, last_error"
)


def endpoint_of(row: asyncpg.Record) -> Endpoint:
    """An endpoint."""
    because = row["disabled_because"]
    return Endpoint(
        endpoint_id=plain_id(row["endpoint_id"]),
        url=row["url"],
        description=row["description"],
        event_types=frozenset(row["event_types"]),
        status=EndpointStatus(row["status"]),
        disabled_because=None if because is None else DisabledBecause(because),
        created_at=row["created_at"],
        health=Health(row["failures_in_a_row"], row["pauses"], row["paused_until"]),
    )


def delivery_of(row: asyncpg.Record) -> Delivery:
    """A delivery."""
    return Delivery(
        endpoint_id=plain_id(row["endpoint_id"]),
        event_id=plain_id(row["event_id"]),
        type=row["type"],
        number=row["number"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
        next_attempt_at=row["next_attempt_at"],
        last_attempt_at=row["last_attempt_at"],
        last_status=row["last_status"],
        last_error=row["last_error"],
    )


def attempt_of(row: asyncpg.Record) -> Attempt:
    """An attempt."""
    return Attempt(
        at=row["at"],
        duration_seconds=row["duration_seconds"],
        status=row["status"],
        error=row["error"],
        answer=row["answer"],
    )
