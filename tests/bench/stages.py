"""The parts of the benchmark, one after the other, and an audit after each."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.audit import audit
from tests.bench.backlog import Backlog, drain, fill
from tests.bench.figures import Bench, Drain, Loop, Offered, Reference
from tests.bench.live import live
from tests.bench.machine import describe
from tests.bench.reference import Rows, rows_of, write
from tests.bench.scale import Scale
from tests.bench.workbench import Workbench

Say = Callable[[str], None]


async def bench(workbench: Workbench, scale: Scale, say: Say) -> Bench:
    """All of it. Raises `AssertionError` naming a rule of the books that was broken."""
    backlog = Backlog(scale.backlog, scale.accounts)
    drained, rows = await _backlog(workbench, backlog, say)
    reference = await _reference(workbench, scale, rows, say)
    two_processors, _ = await _backlog(workbench, replace(backlog, processors=2), say)
    one_account, _ = await _backlog(workbench, replace(backlog, accounts=1), say)
    loop, offered = await _live(workbench, scale, say)
    return Bench(
        machine=describe(await workbench.postgres_version()),
        drain=drained,
        two_processors=two_processors,
        reference=reference,
        one_account=one_account,
        loop=loop,
        offered=offered,
    )


async def _reference(
    workbench: Workbench, scale: Scale, rows: Rows, say: Say
) -> Sequence[Reference]:
    reference = []
    for connections in scale.reference_connections:
        say(f"bare asyncpg writes the same rows over {connections} connections")
        async with workbench.site() as site:
            reference.append(await write(site, rows, connections))
    return reference


async def _backlog(workbench: Workbench, backlog: Backlog, say: Say) -> tuple[Drain, Rows]:
    """Post a backlog; how fast it went, and the rows that it became."""
    async with workbench.site() as site:
        say(f"accepting {backlog.commands:,} deposits over {backlog.accounts:,} accounts")
        await fill(site, backlog)
        say(f"posting them (processors: {backlog.processors})")
        drained = await drain(site, backlog)
        await audit(site.database.dsn())
        return drained, await rows_of(site.database)


async def _live(workbench: Workbench, scale: Scale, say: Say) -> tuple[Loop, Sequence[Offered]]:
    async with workbench.site() as site:
        async with live(site, scale) as running:
            say(f"closed loop: {scale.connections} connections for {scale.loop_seconds:g} s")
            loop = await running.closed()
            offered = []
            for share in scale.shares:
                rate = share * loop.accepted_per_second
                say(f"open loop: {rate:,.0f} deposits a second")
                offered.append(await running.offered(rate))
        await audit(site.database.dsn())
        return loop, offered
