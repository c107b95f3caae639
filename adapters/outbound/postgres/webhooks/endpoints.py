"""Endpoints, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.webhooks.rows import ENDPOINT_COLUMNS, endpoint_of
from adapters.outbound.postgres.webhooks.statements import RELEASE, one_piece
from core.entities.webhooks.delivery import TEST_TYPE
from core.entities.webhooks.endpoint import (
    MAX_SECRETS,
    Change,
    Endpoint,
    EndpointStatus,
    changed,
)

_BEFORE_ALL: Final = datetime.fromtimestamp(0, UTC)
_ALL: Final = f"""
    SELECT {ENDPOINT_COLUMNS} FROM webhook_endpoint WHERE status <> 'removed'
    ORDER BY created_at, endpoint_id
"""
_FIND: Final = f"""
    SELECT {ENDPOINT_COLUMNS} FROM webhook_endpoint WHERE endpoint_id = $1 AND status <> 'removed'
"""
_ADD: Final = """
    INSERT INTO webhook_endpoint (endpoint_id, url, description, event_types, status, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
"""
_SIGN_WITH: Final = """
    INSERT INTO webhook_secret (endpoint_id, secret, created_at) VALUES ($1, $2, $3)
"""
_CHANGE: Final = """
    UPDATE webhook_endpoint
    SET url = $2, description = $3, event_types = $4, status = $5, disabled_because = $6,
        failures_in_a_row = $7, pauses = $8, paused_until = $9
    WHERE endpoint_id = $1
"""
_REMOVE: Final = """
    UPDATE webhook_endpoint SET status = 'removed', disabled_because = NULL
    WHERE endpoint_id = $1 AND status <> 'removed' RETURNING endpoint_id
"""
_OUTDATE: Final = """
    UPDATE webhook_secret SET expires_at = least(expires_at, $2) WHERE endpoint_id = $1
"""
_FORGET_SECRETS: Final = """
    DELETE FROM webhook_secret
    WHERE endpoint_id = $1 AND (expires_at <= $2 OR number NOT IN (
        SELECT number FROM webhook_secret WHERE endpoint_id = $1 AND expires_at > $2
        ORDER BY number DESC LIMIT $3
    ))
"""
_CALL: Final = f"""
    INSERT INTO webhook_delivery
        (endpoint_id, event_id, type, state, attempts, created_at, next_attempt_at)
    SELECT endpoint_id, $2, '{TEST_TYPE}', 'waiting', 0, $3, $4
    FROM webhook_endpoint WHERE endpoint_id = $1 AND status <> 'removed'
    RETURNING endpoint_id
"""


@dataclass(frozen=True, slots=True)
class PostgresWebhookEndpoints:
    """`WebhookEndpoints` in PostgreSQL. What a removed one leaves is forgotten by the upkeep."""

    database: Database

    async def add(self, endpoint: Endpoint, secret: str, most: int) -> bool:
        """Keep a new endpoint."""
        async with one_piece(self.database) as connection:
            # Two that are added at once must not both be the last one.
            await connection.execute("LOCK TABLE webhook_endpoint IN SHARE ROW EXCLUSIVE MODE")
            if len(await connection.fetch(_ALL)) >= most:
                return False
            await connection.execute(
                _ADD,
                endpoint.endpoint_id,
                endpoint.url,
                endpoint.description,
                sorted(endpoint.event_types),
                endpoint.status.value,
                endpoint.created_at,
            )
            await connection.execute(_SIGN_WITH, endpoint.endpoint_id, secret, endpoint.created_at)
        return True

    async def all(self) -> Sequence[Endpoint]:
        """Every endpoint."""
        async with self.database.connection() as connection:
            with ledger_errors():
                return [endpoint_of(row) for row in await connection.fetch(_ALL)]

    async def find(self, endpoint_id: UUID) -> Endpoint | None:
        """The endpoint, if there is one."""
        async with self.database.connection() as connection:
            with ledger_errors():
                row = await connection.fetchrow(_FIND, endpoint_id)
        return None if row is None else endpoint_of(row)

    async def change(self, endpoint_id: UUID, change: Change, now: datetime) -> Endpoint | None:
        """The endpoint after the change."""
        async with one_piece(self.database) as connection:
            before = await _locked(connection, endpoint_id)
            if before is None:
                return None
            after = changed(before, change)
            await connection.execute(
                _CHANGE,
                endpoint_id,
                after.url,
                after.description,
                sorted(after.event_types),
                after.status.value,
                after.disabled_because,
                *after.health,
            )
            if change.status is EndpointStatus.ENABLED:
                await connection.execute(RELEASE, endpoint_id, now)
        return after

    async def remove(self, endpoint_id: UUID) -> bool:
        """Call it no more; its secrets go at once."""
        async with one_piece(self.database) as connection:
            if await connection.fetchval(_REMOVE, endpoint_id) is None:
                return False
            for table in ("webhook_secret", "webhook_replay"):
                await connection.execute(
                    f"DELETE FROM {table} WHERE endpoint_id = $1",
                    endpoint_id,
                )
        return True

    async def rotate(
        self, endpoint_id: UUID, secret: str, now: datetime, old_expires_at: datetime
    ) -> bool:
        """Sign with a new secret, and for a while with the old ones."""
        async with one_piece(self.database) as connection:
            if await _locked(connection, endpoint_id) is None:
                return False
            await connection.execute(_OUTDATE, endpoint_id, old_expires_at)
            await connection.execute(_FORGET_SECRETS, endpoint_id, now, MAX_SECRETS - 1)
            await connection.execute(_SIGN_WITH, endpoint_id, secret, now)
        return True

    async def call(self, endpoint_id: UUID, event_id: UUID, now: datetime) -> bool:
        """Have a test call made."""
        async with self.database.connection() as connection:
            with ledger_errors():
                made = await connection.fetchval(_CALL, endpoint_id, event_id, now, _BEFORE_ALL)
        return made is not None


async def _locked(connection: Connection, endpoint_id: UUID) -> Endpoint | None:
    row = await connection.fetchrow(f"{_FIND} FOR NO KEY UPDATE", endpoint_id)
    return None if row is None else endpoint_of(row)
