"""The parts of the benchmark, one after the other, and an audit after each."""

from collections.abc import Callable, Sequence

from tests.audit import audit
from tests.bench.backlog import drain, fill
from tests.bench.figures import Bench, Drain, Loop, Offered, Reference
from tests.bench.live import live
from tests.bench.machine import describe
from tests.bench.reference import rows_of, write
from tests.bench.scale import Scale
from tests.bench.workbench import Workbench

Say = Callable[[str], None]


async def bench(workbench: Workbench, scale: Scale, say: Say) -> Bench:
    """All of it. Raises `AssertionError` naming a rule of the books that was broken."""
    drained, reference = await _backlog(workbench, scale, say)
    one_account = await _one_account(workbench, scale, say)
    loop, offered = await _live(workbench, scale, say)
    return Bench(
        machine=describe(await workbench.postgres_version()),
        drain=drained,
        reference=reference,
        one_account=one_account,
        loop=loop,
        offered=offered,
    )


async def _backlog(
    workbench: Workbench, scale: Scale, say: Say
) -> tuple[Drain, Sequence[Reference]]:
    async with workbench.site() as site:
        say(f"accepting {scale.backlog:,} deposits over {scale.accounts:,} accounts")
        await fill(site, scale.backlog, scale.accounts)
        say("the processor posts them")
        drained = await drain(site, scale.backlog)
        await audit(site.database.dsn())
        rows = await rows_of(site.database)
    reference = []
    for connections in scale.reference_connections:
        say(f"bare asyncpg writes the same rows over {connections} connections")
        async with workbench.site() as site:
            reference.append(await write(site, rows, connections))
    return drained, reference


async def _one_account(workbench: Workbench, scale: Scale, say: Say) -> Drain:
    async with workbench.site() as site:
        say(f"accepting {scale.backlog:,} deposits on one account")
        await fill(site, scale.backlog, accounts=1)
        say("the processor posts them")
        drained = await drain(site, scale.backlog)
        await audit(site.database.dsn())
        return drained


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
