"""Deposits that lie in the command log, and how fast the processor posts them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from adapters.outbound.postgres.database import Connection
from core.entities.command import ANONYMOUS_CLIENT
from core.usecases.drafts import CommandDraft, DepositDraft
from tests.bench.cpu import cpu_seconds, per_thousand
from tests.bench.figures import Drain
from tests.bench.positions import until_posted
from tests.bench.workbench import Site
from tests.eventually import eventually

PROCESSOR: Final = "processor"
SENDERS: Final = 1_000

_SPEED: Final = """
SELECT count(*) AS pages, sum(transaction_count) AS transactions,
    extract(epoch FROM max(written_at) - min(written_at))::float8 AS seconds,
    (array_agg(transaction_count ORDER BY number))[1] AS first_page
FROM page
"""


@dataclass(frozen=True)
class Backlog:
    """So many deposits over so many accounts, and how many processors are to post them."""

    commands: int
    accounts: int
    processors: int = 1


async def fill(site: Site, backlog: Backlog) -> None:
    """Accept deposits as the API does, but for HTTP: they wait in the log."""
    container = site.container
    submit = container.submit_command()
    numbers = iter(range(backlog.commands))

    async def send() -> None:
        for number in numbers:
            await submit(_deposit(number % backlog.accounts), wait_seconds=0)

    async with container.kafka_command_log() as log:
        await eventually(lambda: log.is_connected)
        await asyncio.gather(*(send() for _ in range(SENDERS)))


def _deposit(account: int) -> CommandDraft:
    return CommandDraft(
        order=DepositDraft(f"user-{account}", "1.25"),
        reference=None,
        metadata=None,
        client=ANONYMOUS_CLIENT,
        idempotency_key=None,
        request_id="bench",
    )


async def drain(site: Site, backlog: Backlog) -> Drain:
    """Start the processors, and have them post all that is in the log.

    The speed is taken from the first page to the last, by the times that pages carry, so the
    start of a process is not in it, but told beside it.
    """
    await site.settle()
    async with site.database.as_role() as connection, _started(site, backlog.processors) as pids:
        started = time.perf_counter()
        seen = await until_posted(connection, 1)
        seconds_to_first_page = time.perf_counter() - started
        before = cpu_seconds(pids)
        await until_posted(connection, backlog.commands)
        cpu = per_thousand(before, cpu_seconds(pids), backlog.commands - seen)
        return await _figures(connection, seconds_to_first_page, _processors_as_one(cpu))


@asynccontextmanager
async def _started(site: Site, processors: int) -> AsyncIterator[dict[str, int]]:
    """The ids of the processes whose CPU time counts."""
    pids = dict(site.server_pids)
    async with AsyncExitStack() as running:
        for number in range(1, processors + 1):
            app = await running.enter_async_context(site.started(PROCESSOR, number))
            pids[f"{PROCESSOR} {number}"] = app.process.pid
        yield pids


def _processors_as_one(cpu: dict[str, float]) -> dict[str, float]:
    of_processors = {name: taken for name, taken in cpu.items() if name.startswith(PROCESSOR)}
    others = {name: taken for name, taken in cpu.items() if name not in of_processors}
    return {PROCESSOR: sum(of_processors.values())} | others


async def _figures(
    connection: Connection, seconds_to_first_page: float, cpu: dict[str, float]
) -> Drain:
    speed = await connection.fetchrow(_SPEED)
    assert speed is not None
    transactions = int(speed["transactions"])
    return Drain(
        transactions=transactions,
        per_second=(transactions - speed["first_page"]) / speed["seconds"],
        records_per_page=transactions / speed["pages"],
        seconds_to_first_page=seconds_to_first_page,
        cpu=cpu,
    )
