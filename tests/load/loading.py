"""One load test from its beginning to its end."""

import json
import os
import time
from dataclasses import dataclass

from infra.local.postgres import OWNER
from infra.local.screen import Screen
from tests.audit import findings
from tests.load import cpu
from tests.load.books import read_books
from tests.load.figures import Books, Figures, Load
from tests.load.k6 import run_k6
from tests.load.own_stack import own_stack
from tests.load.progress import moving
from tests.load.settling import settled
from tests.proof import proof
from tests.running_stack import Run


@dataclass(frozen=True)
class Options:
    """What the user may choose: how long the mix takes, clients at a time, accounts."""

    seconds: int
    clients: int
    users: int


async def load_test(options: Options, screen: Screen) -> Figures:
    """Start a stack, load it, audit its books, stop it; the figures.

    `Refused` where the stack or k6 cannot do its part; `OSError`, `asyncpg.PostgresError` or
    `UnavailableError` where a server went away.
    """
    screen.say("starting PostgreSQL, Kafka, API and processor, in a scratch folder")
    async with own_stack() as run:
        figures = await _measure(options, run, screen)
        screen.say("stopping")
    return figures


async def _measure(options: Options, run: Run, screen: Screen) -> Figures:
    pids = run.pids()
    before, k6_before = cpu.of_processes(pids), cpu.of_ended_children()
    load = await _load(options, run, screen)
    of_k6 = cpu.of_ended_children() - k6_before
    books = await _settle(run, screen)
    after = cpu.of_processes(pids)
    screen.say("auditing the books")
    return Figures(
        clients=options.clients,
        users=options.users,
        cores=os.cpu_count() or 1,
        load=load,
        books=books,
        cpu_seconds={"k6": round(of_k6, 2), **cpu.between(before, after)},
        rules=[one async for one in findings(run.dsn)],
        # Of the books alone first, then of books and log.
        proof=await proof({**os.environ, **run.settings(OWNER)}, "verify", "--replay"),
    )


async def _load(options: Options, run: Run, screen: Screen) -> Load:
    screen.say(f"k6: {options.clients} clients for {options.seconds} s on {run.url}")
    async with moving(options.seconds):
        return await run_k6(
            run.data.parent,
            run.url,
            seconds=options.seconds,
            clients=options.clients,
            users=options.users,
        )


async def _settle(run: Run, screen: Screen) -> Books:
    screen.say("waiting until the books have all of it")
    began = time.monotonic()
    kafka = json.loads((run.data / "stack.json").read_text())["kafka"]
    behind = await settled(kafka, run.dsn)
    return await read_books(run.dsn, time.monotonic() - began, behind)
