"""The log of deliveries, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.webhooks.rows import DELIVERY_COLUMNS, attempt_of, delivery_of
from core.entities.webhooks.delivery import Attempt, Delivery, DeliveryState

_MAX_NUMBER: Final = 2**63 - 1
# Each state by its index: an endpoint has millions that were delivered, and few of the others.
_DELIVERIES: Final = f"""
    SELECT found.* FROM unnest($2::text[]) AS wanted (state) CROSS JOIN LATERAL (
        SELECT {DELIVERY_COLUMNS} FROM webhook_delivery AS one
        WHERE one.endpoint_id = $1 AND one.state = wanted.state AND one.number < $3
        ORDER BY one.number DESC LIMIT $4
    ) AS found
    ORDER BY found.number DESC LIMIT $4
"""
_DELIVERY: Final = f"""
    SELECT {DELIVERY_COLUMNS} FROM webhook_delivery WHERE endpoint_id = $1 AND event_id = $2
"""
_ATTEMPTS: Final = """
    SELECT at, duration_seconds, status, error, answer FROM webhook_attempt
    WHERE endpoint_id = $1 AND event_id = $2 ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class PostgresWebhookLog:
    """`WebhookLog` in PostgreSQL."""

    database: Database

    async def deliveries(
        self, endpoint_id: UUID, state: DeliveryState | None, before: int | None, limit: int
    ) -> Sequence[Delivery]:
        """The newest first."""
        states = [one.value for one in ((state,) if state else DeliveryState)]
        before = _MAX_NUMBER if before is None else before
        async with self.database.connection() as connection:
            with ledger_errors():
                rows = await connection.fetch(_DELIVERIES, endpoint_id, states, before, limit)
        return [delivery_of(row) for row in rows]

    async def delivery(
        self, endpoint_id: UUID, event_id: UUID
    ) -> tuple[Delivery, Sequence[Attempt]] | None:
        """What is told of this event, with its attempts."""
        async with self.database.connection() as connection:
            with ledger_errors():
                row = await connection.fetchrow(_DELIVERY, endpoint_id, event_id)
                if row is None:
                    return None
                attempts = await connection.fetch(_ATTEMPTS, endpoint_id, event_id)
        return delivery_of(row), tuple(attempt_of(one) for one in attempts)
