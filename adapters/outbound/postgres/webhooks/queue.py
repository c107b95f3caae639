"""What waits to be sent, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.rows import plain_id
from adapters.outbound.postgres.webhooks.rows import (
    DELIVERY_COLUMNS,
    ENDPOINT_COLUMNS,
    delivery_of,
    endpoint_of,
)
from adapters.outbound.postgres.webhooks.statements import RELEASE, one_piece
from core.entities.webhooks.delivery import Claim, Delivery, Made
from core.entities.webhooks.schedule import Settled, SettledDelivery, is_tripped
from core.ports.webhooks.queue import Settle

_CALLABLE: Final = "status = 'enabled' AND (paused_until IS NULL OR paused_until <= $1)"
_DUE: Final = f"""
    SELECT endpoint_id FROM webhook_endpoint AS endpoint
    WHERE {_CALLABLE} AND EXISTS (
        SELECT FROM webhook_delivery AS one
        WHERE one.endpoint_id = endpoint.endpoint_id AND one.state = 'waiting'
            AND one.next_attempt_at <= $1
    )
"""
_ENDPOINT: Final = f"""
    SELECT {ENDPOINT_COLUMNS}, ARRAY(
        SELECT secret FROM webhook_secret AS one
        WHERE one.endpoint_id = $2 AND (expires_at IS NULL OR expires_at > $1)
        ORDER BY number DESC
    ) AS secrets
    FROM webhook_endpoint WHERE endpoint_id = $2 AND {_CALLABLE}
"""
_CLAIM: Final = f"""
    WITH due AS (
        SELECT event_id FROM webhook_delivery
        WHERE endpoint_id = $1 AND state = 'waiting' AND next_attempt_at <= $2
        ORDER BY next_attempt_at, number LIMIT $3 FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE webhook_delivery AS one SET next_attempt_at = $4, is_claimed = true
        FROM due WHERE one.endpoint_id = $1 AND one.event_id = due.event_id
        RETURNING one.*
    )
    SELECT {DELIVERY_COLUMNS} FROM claimed ORDER BY number
"""
_LOCK: Final = f"""
    SELECT {ENDPOINT_COLUMNS} FROM webhook_endpoint
    WHERE endpoint_id = $1 AND status <> 'removed' FOR NO KEY UPDATE
"""
_SETTLE_ENDPOINT: Final = """
    UPDATE webhook_endpoint
    SET status = $2, disabled_because = $3, failures_in_a_row = $4, pauses = $5, paused_until = $6
    WHERE endpoint_id = $1
"""
_SETTLE: Final = """
    UPDATE webhook_delivery AS one
    SET state = made.state, attempts = one.attempts + 1, next_attempt_at = made.next_attempt_at,
        is_claimed = false, last_attempt_at = made.at, last_status = made.status,
        last_error = made.error
    FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                $7::smallint[], $8::text[])
        AS made (event_id, claimed_until, state, next_attempt_at, at, status, error)
    WHERE one.endpoint_id = $1 AND one.event_id = made.event_id AND (
        made.state = 'delivered'
        OR (one.state = 'waiting' AND one.next_attempt_at = made.claimed_until)
    )
"""
_LOG: Final = """
    INSERT INTO webhook_attempt
        (endpoint_id, event_id, at, duration_seconds, status, error, answer)
    SELECT one.endpoint_id, one.event_id, made.at, made.duration_seconds, made.status, made.error,
        made.answer
    FROM unnest($2::uuid[], $3::timestamptz[], $4::float8[], $5::smallint[], $6::text[],
                $7::bytea[]) AS made (event_id, at, duration_seconds, status, error, answer)
    JOIN webhook_delivery AS one ON one.endpoint_id = $1 AND one.event_id = made.event_id
    ORDER BY made.at
"""
_GIVE_BACK: Final = """
    UPDATE webhook_delivery AS one SET next_attempt_at = one.created_at, is_claimed = false
    FROM unnest($2::uuid[], $3::timestamptz[]) AS unsent (event_id, claimed_until)
    WHERE one.endpoint_id = $1 AND one.event_id = unsent.event_id AND one.state = 'waiting'
        AND one.next_attempt_at = unsent.claimed_until
"""


@dataclass(frozen=True, slots=True)
class PostgresWebhookQueue:
    """`WebhookQueue` in PostgreSQL. A claim is `next_attempt_at` itself: it runs out by itself."""

    database: Database

    async def due(self, now: datetime) -> Sequence[UUID]:
        """The endpoints that have something due."""
        async with self.database.connection() as connection:
            with ledger_errors():
                rows = await connection.fetch(_DUE, now)
        return [plain_id(row["endpoint_id"]) for row in rows]

    async def claim(
        self, endpoint_id: UUID, most: int, now: datetime, until: datetime
    ) -> Claim | None:
        """Some of what is due."""
        async with self.database.connection() as connection:
            with ledger_errors():
                found = await connection.fetchrow(_ENDPOINT, now, endpoint_id)
                if found is None:
                    return None
                endpoint = endpoint_of(found)
                most = 1 if is_tripped(endpoint.health) else most
                rows = await connection.fetch(_CLAIM, endpoint_id, now, most, until)
        if not rows:
            return None
        return Claim(endpoint, found["secrets"], [delivery_of(row) for row in rows])

    async def record(
        self, endpoint_id: UUID, made: Sequence[Made], unsent: Sequence[Delivery], settle: Settle
    ) -> Settled | None:
        """Write down attempts and what follows from them."""
        async with one_piece(self.database) as connection:
            row = await connection.fetchrow(_LOCK, endpoint_id)
            if row is None:
                return None
            settled = settle(endpoint_of(row))
            endpoint = settled.endpoint
            await connection.execute(
                _SETTLE_ENDPOINT,
                endpoint_id,
                endpoint.status.value,
                endpoint.disabled_because,
                *endpoint.health,
            )
            await _settle(connection, endpoint_id, settled.deliveries)
            await _log(connection, endpoint_id, made)
            await connection.execute(
                _GIVE_BACK,
                endpoint_id,
                [one.event_id for one in unsent],
                [one.next_attempt_at for one in unsent],
            )
            if settled.reopened:
                await connection.execute(RELEASE, endpoint_id, settled.at)
        return settled


async def _settle(
    connection: Connection, endpoint_id: UUID, settled: Sequence[SettledDelivery]
) -> None:
    await connection.execute(
        _SETTLE,
        endpoint_id,
        [one.made.delivery.event_id for one in settled],
        [one.made.delivery.next_attempt_at for one in settled],
        [one.state.value for one in settled],
        [one.next_attempt_at for one in settled],
        [one.made.attempt.at for one in settled],
        [one.made.attempt.status for one in settled],
        [one.made.attempt.error for one in settled],
    )


async def _log(connection: Connection, endpoint_id: UUID, made: Sequence[Made]) -> None:
    await connection.execute(
        _LOG,
        endpoint_id,
        [one.delivery.event_id for one in made],
        [one.attempt.at for one in made],
        [one.attempt.duration_seconds for one in made],
        [one.attempt.status for one in made],
        [one.attempt.error for one in made],
        [one.attempt.answer for one in made],
    )
