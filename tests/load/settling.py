"""Waiting until the books have the whole log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from adapters.outbound.kafka.command_feed import KafkaCommandFeed
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.membership import GroupSettings
from adapters.outbound.kafka.topics import COMMANDS_TOPIC
from infra.local.waiting import until
from tests.load.figures import Lag

DEADLINE_SECONDS: Final = 120.0


async def settled(kafka: str, dsn: str) -> list[Lag]:
    """Return when each partition is posted to its log's end; the ones that are not at the deadline.

    Raises `OSError`, `asyncpg.PostgresError`, or `UnavailableError`.
    """
    async with _log_and_books(kafka, dsn) as (feed, books):
        behind: list[Lag] = []

        async def is_settled() -> bool:
            behind[:] = await _behind(feed, books)
            return not behind

        await until(is_settled, DEADLINE_SECONDS)
        return behind


@asynccontextmanager
async def _log_and_books(
    kafka: str, dsn: str
) -> AsyncIterator[tuple[KafkaCommandFeed, asyncpg.Connection]]:
    group = GroupSettings(COMMANDS_TOPIC, "counterfoil.load")
    books = await asyncpg.connect(dsn)
    try:
        async with KafkaCommandFeed(KafkaConnection(kafka), group) as feed:
            yield feed, books
    finally:
        await books.close()


async def _behind(feed: KafkaCommandFeed, books: asyncpg.Connection) -> list[Lag]:
    count = await books.fetchval("SELECT partition_count FROM partitioning")
    ends = [(await feed.extent(partition)).end_offset for partition in range(count)]
    rows = await books.fetch("SELECT partition, next_offset FROM log_position")
    positions = {row["partition"]: row["next_offset"] for row in rows}
    lags = [Lag(number, positions.get(number, 0), end) for number, end in enumerate(ends)]
    return [lag for lag in lags if lag.next_offset != lag.log_end]
