"""A run of chaos from its beginning to its end."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from msgspec.structs import replace

from infra.local.screen import Screen
from tests.audit import findings
from tests.chaos import figures as figures_of
from tests.chaos.audience import audience
from tests.chaos.books import Books
from tests.chaos.clients import Clients
from tests.chaos.evidence import Evidence
from tests.chaos.faults import Fault
from tests.chaos.figures import Figures
from tests.chaos.history import History
from tests.chaos.promises import breaches, unheard
from tests.chaos.proofs import proofs
from tests.chaos.read_books import read_books
from tests.chaos.stack import PARTITIONS, PROCESSORS, ChaosStack, chaos_stack
from tests.chaos.wreaking import Limits, Struck, wreak
from tests.eventually import eventually
from tests.load.settling import settled
from tests.site import UNTOLD

WARM_CALLS = 200
"""Accepted before the first fault: every partition is at work by then."""
TOLD_SECONDS = 60.0
HEARD_SECONDS = 180.0


@dataclass(frozen=True)
class Plan:
    """What is done: these faults, under the load of this seed, up to these limits.

    `folder` is where the report goes, and the logs.
    """

    seed: int
    faults: Iterable[Fault]
    limits: Limits
    folder: Path


@dataclass(frozen=True)
class Ran:
    """What was done, and what was seen."""

    seconds: float
    struck: list[Struck]
    history: History
    books: Books
    troubles: list[str]


async def chaos(plan: Plan, screen: Screen) -> tuple[Figures, History]:
    """Start a stack, make chaos in it, let it heal, and hold it against every promise."""
    screen.say("starting PostgreSQL, Kafka, Toxiproxy, an API, two processors and webhooks")
    async with chaos_stack(plan.folder / "logs") as stack:
        ran = await _ran(plan, stack, screen)
        screen.say("auditing books and history")
        rules = [one async for one in findings(stack.dsn)]
        broken = list(breaches(ran.history, ran.books))
    return (
        Figures(
            seed=plan.seed,
            seconds=round(ran.seconds, 1),
            kinds=figures_of.kinds(ran.struck, ran.books.commits),
            calls=figures_of.calls(ran.history),
            attempts=figures_of.attempts(ran.history),
            reads=len(ran.history.reads),
            transactions=len(ran.books.transactions),
            events=len(ran.books.events),
            audience=figures_of.audience(ran.history),
            harm=figures_of.harm(broken),
            breaches=[f"{one.promise}: {one.sentence}" for one in broken],
            troubles=ran.troubles,
            rules=rules,
            schedule=ran.struck,
            proofs=ran.books.proofs,
            undecided=figures_of.undecided(ran.books.lost),
        ),
        ran.history,
    )


async def _ran(plan: Plan, stack: ChaosStack, screen: Screen) -> Ran:
    began = time.monotonic()
    async with audience(stack.url, plan.seed) as everybody:
        async with Clients(stack.url, plan.seed, PARTITIONS) as clients:
            await clients.more(WARM_CALLS)
            struck = await wreak(stack, plan.faults, plan.limits, screen.say)
            screen.say("waiting until every client has its answer, and the books have all of it")
            await clients.finish()
        seconds = time.monotonic() - began
        behind = await settled(stack.kafka.bootstrap_servers, stack.dsn)
        await _everything_told(stack.dsn)
        # Holds run out, whoever asks for anything: books that are to be compared must stand still.
        await asyncio.gather(*(stack.apps[name].process.stop() for name in PROCESSORS))
        books = await read_books(stack.dsn, stack.kafka.bootstrap_servers, PARTITIONS)
        lost = [one.without(books.told_pages) for one in stack.lost]
        screen.say("verify, verify --replay, rebuild")
        books = replace(books, lost=lost, proofs=await proofs(stack))
        screen.say("waiting until whoever follows has been told all of it")
        clients.history.hooks = [*everybody.hooks.values()]
        clients.history.streams = [everybody.stream]
        await everybody.hear_out(
            lambda: not any(unheard(Evidence(clients.history, books))), HEARD_SECONDS
        )
    troubles = [one.trouble for one in struck if one.trouble is not None]
    troubles += [*stack.died, *(f"not posted in time: {one}" for one in behind)]
    return Ran(seconds, struck, clients.history, books, troubles)


async def _everything_told(dsn: str) -> None:
    """Return when all that is posted, and its pages, are told as far as the books know."""
    connection = await asyncpg.connect(dsn)
    try:

        async def is_told() -> bool:
            return bool(await connection.fetchval(UNTOLD) == 0)

        await eventually(is_told, TOLD_SECONDS)
    finally:
        await connection.close()
