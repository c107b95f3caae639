"""The operator's view of what could not be read or applied, in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.dead_letter_queries import (
    DEAD_LETTER_AT,
    DEAD_LETTER_OF,
    DEAD_LETTERS,
    HELD_BY_PARTITION,
)
from adapters.outbound.postgres.rows import filed_letters_of, transactions_of
from adapters.outbound.postgres.transaction_queries import BY_IDS
from core.entities.dead_letter import FiledLetter, LetterFilter, LetterPlace
from core.entities.position import Position

_BEFORE_ALL: Final = LetterPlace(0, 0)
"""Pages are counted from 1."""


@dataclass(frozen=True, slots=True)
class PostgresDeadLetters:
    """`DeadLetters` in PostgreSQL. What decided them is read after them, so it is no older."""

    database: Database

    async def letters(
        self, wanted: LetterFilter, after: LetterPlace | None, limit: int
    ) -> Sequence[FiledLetter]:
        """Those that are wanted, in order."""
        after_page, after_offset = after or _BEFORE_ALL
        async with self.database.connection() as connection:
            rows = await DEAD_LETTERS.rows(
                connection,
                after_page=after_page,
                after_offset=after_offset,
                only_held=wanted.only_held,
                wanted_reason=wanted.reason,
                at_most=limit,
            )
            return await _filed(connection, rows)

    async def held(self) -> Mapping[int, int]:
        """How many wait, by partition."""
        async with self.database.connection() as connection:
            rows = await HELD_BY_PARTITION.rows(connection)
        return {row["partition"]: row["held"] for row in rows}

    async def at(self, position: Position) -> FiledLetter | None:
        """The newest at this position."""
        async with self.database.connection() as connection:
            rows = await DEAD_LETTER_AT.rows(
                connection, wanted_partition=position.partition, wanted_offset=position.offset
            )
            return next(iter(await _filed(connection, rows)), None)

    async def of(self, transaction_id: UUID) -> FiledLetter | None:
        """The newest of this id."""
        async with self.database.connection() as connection:
            rows = await DEAD_LETTER_OF.rows(connection, wanted_id=transaction_id)
            return next(iter(await _filed(connection, rows)), None)


async def _filed(connection: Connection, rows: Sequence[asyncpg.Record]) -> list[FiledLetter]:
    decisions = await BY_IDS.rows(
        connection,
        transaction_ids=[row["transaction_id"] for row in rows],
        shards=[row["shard"] for row in rows],
    )
    return filed_letters_of(rows, transactions_of(decisions))
