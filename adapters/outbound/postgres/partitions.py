"""The operator's hold on the partitions, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.outbound.postgres.blockers import Blockers
from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.position_queries import ALL, SETTLED
from adapters.outbound.postgres.rows import log_position_of
from core.entities.log_position import LogPosition
from core.ports.clock import Clock

# Outcomes that were not told yet lie before the new offset if posting goes forward, and are told
# then. If it goes back, offsets come again, and the page number tells the old ones from the new.
_RESUME: Final = """
WITH kept AS (
    INSERT INTO resumption (partition, epoch, from_offset, to_offset, published_offset, topic_id,
                            last_page_number, halted, reason, resumed_at)
    SELECT partition, epoch, next_offset, $2, published_offset, topic_id,
           (SELECT coalesce(max(number), 0) FROM page), halted, $3, $4
    FROM log_position WHERE partition = $1
)
UPDATE log_position
SET epoch = epoch + 1, next_offset = $2, published_offset = least(published_offset, $2),
    told_page = greatest(told_page, $5),
    topic_id = NULL, last_record_hash = NULL, condemned_in_a_row = 0, halted = NULL,
    updated_at = $4
WHERE partition = $1
RETURNING *
"""
# Pages that were told and are given up keep their numbers: a new page under one of them would pass
# for told, and for another than was told.
_SKIP_NUMBERS: Final = """
SELECT setval('page_number_seq', $1) FROM page_number_seq
WHERE $1 >= last_value + is_called::integer
"""


@dataclass(frozen=True, slots=True)
class PostgresPartitions:
    """`Partitions` in PostgreSQL."""

    database: Database
    clock: Clock
    blockers: Blockers

    async def states(self) -> Sequence[LogPosition]:
        """Every partition that was ever taken over."""
        async with self.database.connection() as connection:
            return [log_position_of(row) for row in await ALL.rows(connection)]

    async def resume(
        self, partition: int, at_offset: int, reason: str, told_page: int = 0
    ) -> LogPosition | None:
        """End a halt."""
        async with (
            self.database.connection() as connection,
            self.blockers.kept_off(connection),
        ):
            with ledger_errors():
                async with connection.transaction():
                    return await self._resume(connection, partition, at_offset, reason, told_page)

    async def _resume(
        self, connection: Connection, partition: int, at_offset: int, reason: str, told_page: int
    ) -> LogPosition | None:
        # Locked first: the next statement then sees every page of this partition.
        position = await SETTLED.row(connection, partition=partition)
        if position is None or position["halted"] is None:
            return None
        await connection.execute(_SKIP_NUMBERS, told_page)
        row = await connection.fetchrow(
            _RESUME, partition, at_offset, reason, self.clock.now(), told_page
        )
        return None if row is None else log_position_of(row)
