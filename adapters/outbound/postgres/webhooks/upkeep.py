"""Looking after what is kept of webhooks, in PostgreSQL."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.webhooks.rows import ENDPOINT_COLUMNS, endpoint_of
from core.entities.webhooks.schedule import standing_of
from core.ports.webhooks.upkeep import Standing

_ENDPOINTS: Final = f"SELECT {ENDPOINT_COLUMNS} FROM webhook_endpoint WHERE status <> 'removed'"
_WAITING: Final = """
    SELECT count(*) AS waiting, min(one.created_at) AS oldest_at
    FROM webhook_endpoint AS endpoint JOIN webhook_delivery AS one USING (endpoint_id)
    WHERE endpoint.status = 'enabled' AND one.state = 'waiting'
"""
# What a replay has just made wait again is locked, and after that not done any more.
_PRUNE: Final = """
    WITH done AS (
        SELECT endpoint_id, event_id FROM webhook_delivery
        WHERE state <> 'waiting' AND last_attempt_at < $1
        ORDER BY last_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM webhook_delivery AS one USING done
    WHERE one.endpoint_id = done.endpoint_id AND one.event_id = done.event_id
    RETURNING one.event_id
"""
_PRUNE_REMOVED: Final = """
    DELETE FROM webhook_delivery AS one USING (
        SELECT of_it.endpoint_id, of_it.event_id
        FROM webhook_endpoint AS endpoint JOIN webhook_delivery AS of_it USING (endpoint_id)
        WHERE endpoint.status = 'removed' LIMIT $1
    ) AS left_behind
    WHERE one.endpoint_id = left_behind.endpoint_id AND one.event_id = left_behind.event_id
    RETURNING one.event_id
"""
_FORGET_REMOVED: Final = """
    DELETE FROM webhook_endpoint AS endpoint
    WHERE status = 'removed' AND NOT EXISTS (
        SELECT FROM webhook_delivery AS one WHERE one.endpoint_id = endpoint.endpoint_id
    )
"""


@dataclass(frozen=True, slots=True)
class PostgresWebhookUpkeep:
    """`WebhookUpkeep` in PostgreSQL: in pieces, so that no statement is long."""

    database: Database

    async def standing(self, now: datetime) -> Standing:
        """How it stands."""
        async with self.database.connection() as connection:
            with ledger_errors():
                endpoints = [endpoint_of(row) for row in await connection.fetch(_ENDPOINTS)]
                (row,) = await connection.fetch(_WAITING)
        counted = Counter(standing_of(one, now) for one in endpoints)
        return Standing(counted, row["waiting"], row["oldest_at"])

    async def prune(self, done_before: datetime, most: int) -> int:
        """Forget what was done long ago, and what removed endpoints left."""
        async with self.database.connection() as connection:
            with ledger_errors():
                removed = len(await connection.fetch(_PRUNE_REMOVED, most))
                done = len(await connection.fetch(_PRUNE, done_before, most - removed))
                await connection.execute(_FORGET_REMOVED)
        return removed + done
