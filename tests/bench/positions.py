"""How far the books have got."""

import asyncio
from typing import Final

from adapters.outbound.postgres.database import Connection

POLL_SECONDS: Final = 0.01
DEADLINE_SECONDS: Final = 300.0


async def posted(connection: Connection) -> int:
    """How many records are posted, over all partitions."""
    return int(await connection.fetchval("SELECT coalesce(sum(next_offset), 0) FROM log_position"))


async def until_posted(connection: Connection, records: int) -> int:
    """Return once so many records are posted, or more; how many. `TimeoutError` if never."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (count := await posted(connection)) < records:  # noqa: ASYNC110 (the books are polled)
            await asyncio.sleep(POLL_SECONDS)
    return count
