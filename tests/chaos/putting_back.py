"""A fault that no process notices at first: the books are those of an earlier moment."""

import asyncio
import time
from dataclasses import dataclass

import asyncpg
import msgspec

from core.errors import EventsUnavailableError
from infra.local.postgres import OWNER
from infra.local.waiting import until
from tests.chaos.faults import NotStruck
from tests.chaos.read_books import read_lost, read_pages, told_pages
from tests.chaos.stack import PARTITIONS, SERVERS, ChaosStack
from tests.postgres_databases import FreshDatabase, back_up, drop, restore, set_aside

BACK_SECONDS = 90.0
"""Within it all that was told before is in the books again."""


@dataclass(frozen=True)
class PutBack:
    """PostgreSQL is put back to where it was some seconds before, under running processes."""

    seconds: float
    kind: str = "put-back"
    kills: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.seconds}"

    async def strike(self, stack: ChaosStack) -> None:
        """Make a backup, let the books go on, and put it back in their place."""
        database = FreshDatabase(stack.postgres, OWNER)
        backup = await back_up(database)
        await asyncio.sleep(self.seconds)
        lost = await set_aside(database)
        gone_at = time.monotonic()
        await restore(database, backup)
        async with lost.as_role() as connection:
            stack.lost.append(await read_lost(connection, gone_at))
        for one in (lost, backup):
            await drop(one)

    async def heal(self, stack: ChaosStack) -> None:
        """It heals by itself. Raises `NotStruck` when it does not."""
        # Another fault may have taken one away, which is healed after this one.
        await stack.revive(*SERVERS)
        if not await until(lambda: _is_back(stack), BACK_SECONDS):
            raise NotStruck(f"what was told was not back within {BACK_SECONDS:.0f} s")
        stack.lost[-1] = msgspec.structs.replace(stack.lost[-1], back_at=time.monotonic())


async def _is_back(stack: ChaosStack) -> bool:
    """Whether the books have all pages that were told; not before Kafka can say which."""
    try:
        told = await told_pages(stack.kafka.bootstrap_servers, PARTITIONS)
    except EventsUnavailableError:
        return False
    connection = await asyncpg.connect(stack.dsn)
    try:
        return told <= await read_pages(connection)
    finally:
        await connection.close()
