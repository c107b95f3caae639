"""Telling again, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.rows import plain_id
from adapters.outbound.postgres.webhooks.statements import TOLD_TO_ENDPOINTS, one_piece
from core.ports.webhooks.intake import Told
from core.ports.webhooks.replays import Replay

_ASK: Final = """
    INSERT INTO webhook_replay AS under_way (endpoint_id, since, asked_at)
    SELECT endpoint_id, $2, $3 FROM webhook_endpoint
    WHERE endpoint_id = $1 AND status <> 'removed'
    ON CONFLICT (endpoint_id) DO UPDATE
    SET since = least(under_way.since, $2), asked_at = $3, cursor = NULL
    RETURNING endpoint_id
"""
_NEXT: Final = """
    SELECT endpoint_id, since, asked_at, cursor FROM webhook_replay ORDER BY asked_at LIMIT 1
"""
_WHERE_IT_WAS: Final = """
    WHERE endpoint_id = $1 AND since = $2 AND asked_at = $3 AND cursor IS NOT DISTINCT FROM $4
    RETURNING endpoint_id
"""
_ADVANCE: Final = f"UPDATE webhook_replay SET cursor = $5 {_WHERE_IT_WAS}"
_END: Final = f"DELETE FROM webhook_replay {_WHERE_IT_WAS}"
_TELL_AGAIN: Final = f"""
    INSERT INTO webhook_delivery AS one
        (endpoint_id, event_id, type, state, attempts, created_at, next_attempt_at)
    SELECT endpoint_id, told.event_id, told.type, 'waiting', 0, $5, $5
    {TOLD_TO_ENDPOINTS} AND endpoint_id = $3
    ORDER BY told.place
    ON CONFLICT (endpoint_id, event_id) DO UPDATE
    SET state = 'waiting', attempts = 0, next_attempt_at = $5
    WHERE one.state <> 'waiting' AND one.last_attempt_at < $4
"""


@dataclass(frozen=True, slots=True)
class PostgresWebhookReplays:
    """`WebhookReplays` in PostgreSQL."""

    database: Database

    async def ask(self, endpoint_id: UUID, since: datetime, now: datetime) -> bool:
        """Have everything since then told again."""
        async with self.database.connection() as connection:
            with ledger_errors():
                return await connection.fetchval(_ASK, endpoint_id, since, now) is not None

    async def next(self) -> Replay | None:
        """The one that was asked for first."""
        async with self.database.connection() as connection:
            with ledger_errors():
                row = await connection.fetchrow(_NEXT)
        if row is None:
            return None
        return Replay(plain_id(row["endpoint_id"]), row["since"], row["asked_at"], row["cursor"])

    async def advance(
        self, replay: Replay, told: Sequence[Told], cursor: str | None, now: datetime
    ) -> bool:
        """Have the endpoint told of those."""
        async with one_piece(self.database) as connection:
            where = (replay.endpoint_id, replay.since, replay.asked_at, replay.cursor)
            if cursor is None:
                moved = await connection.fetchval(_END, *where)
            else:
                moved = await connection.fetchval(_ADVANCE, *where, cursor)
            if moved is None:
                return False
            await connection.execute(
                _TELL_AGAIN,
                [one.event_id for one in told],
                [one.type for one in told],
                replay.endpoint_id,
                replay.asked_at,
                now,
            )
        return True
