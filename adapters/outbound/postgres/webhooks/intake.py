"""The intake of events, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.webhooks.statements import TOLD_TO_ENDPOINTS, one_piece
from core.ports.webhooks.intake import Cursors, Told

_CURSORS: Final = """
    SELECT partition, topic_id, next_offset FROM webhook_cursor ORDER BY partition
"""
_PLACE: Final = """
    INSERT INTO webhook_cursor (partition, topic_id, next_offset)
    SELECT partition, $1, next_offset
    FROM unnest($2::smallint[], $3::bigint[]) AS placed (partition, next_offset)
"""
_MOVE: Final = """
    UPDATE webhook_cursor AS one SET next_offset = moved.next_offset
    FROM unnest($1::smallint[], $2::bigint[]) AS moved (partition, next_offset)
    WHERE one.partition = moved.partition
"""
_TAKE_IN: Final = f"""
    INSERT INTO webhook_delivery
        (endpoint_id, event_id, type, state, attempts, created_at, next_attempt_at)
    SELECT endpoint_id, told.event_id, told.type, 'waiting', 0, $3, $3
    {TOLD_TO_ENDPOINTS}
    ORDER BY told.place
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class PostgresWebhookIntake:
    """`WebhookIntake` in PostgreSQL."""

    database: Database

    async def cursors(self) -> Cursors | None:
        """Where the intake stands."""
        async with self.database.connection() as connection:
            with ledger_errors():
                return _cursors_of(await connection.fetch(_CURSORS))

    async def begin(self, expected: Cursors | None, cursors: Cursors) -> None:
        """Stand there."""
        async with one_piece(self.database) as connection:
            await connection.execute("LOCK TABLE webhook_cursor IN SHARE ROW EXCLUSIVE MODE")
            if _cursors_of(await connection.fetch(_CURSORS)) != expected:
                return
            await connection.execute("DELETE FROM webhook_cursor")
            await connection.execute(
                _PLACE,
                cursors.topic_id,
                list(cursors.next_offsets),
                list(cursors.next_offsets.values()),
            )

    async def take_in(
        self, before: Cursors, after: Cursors, told: Sequence[Told], now: datetime
    ) -> bool:
        """Make deliveries and move the cursors."""
        async with one_piece(self.database) as connection:
            stand = _cursors_of(await connection.fetch(f"{_CURSORS} FOR UPDATE"))
            if stand is None or stand.topic_id != before.topic_id:
                return False
            if any(stand.next_offsets.get(one) != at for one, at in before.next_offsets.items()):
                return False
            await connection.execute(
                _MOVE, list(after.next_offsets), list(after.next_offsets.values())
            )
            await connection.execute(
                _TAKE_IN, [one.event_id for one in told], [one.type for one in told], now
            )
        return True


def _cursors_of(rows: Sequence[asyncpg.Record]) -> Cursors | None:
    if not rows:
        return None
    return Cursors(rows[0]["topic_id"], {row["partition"]: row["next_offset"] for row in rows})
