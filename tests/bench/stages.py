"""The parts of the benchmark, one after the other, and audits of what the product has posted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from tests.audit import audit
from tests.audit_rules import RULES
from tests.bench.backlog import Backlog, drain, fill
from tests.bench.counted import counted
from tests.bench.figures import Bench, Compared, Flood, Loop, Offered, Reference
from tests.bench.live import live
from tests.bench.machine import describe
from tests.bench.reading import read_long_account
from tests.bench.reference import Rows, rows_of, write
from tests.bench.scale import Scale
from tests.bench.workbench import Site, Workbench

MANY_CONNECTIONS: Final = 4
"""Of a reference to which nothing is compared: what PostgreSQL could take."""

Say = Callable[[str], None]


async def bench(workbench: Workbench, scale: Scale, say: Say) -> Bench:
    """All of it. Raises `AssertionError` naming a rule of the books that was broken."""
    backlog = Backlog(scale.backlog, scale.accounts)
    await _warm_up(workbench, backlog, say)
    one_processor, rows = await _compared(workbench, backlog, say)
    one_account, _ = await _compared(workbench, replace(backlog, accounts=1), say, rows)
    two_processors, _ = await _compared(workbench, replace(backlog, processors=2), say, rows)
    many_connections = await _reference(workbench, rows, MANY_CONNECTIONS, say)
    async with workbench.site() as site:
        reading = await read_long_account(site, scale.history, say)
    loop, offered, floods = await _live(workbench, scale, say)
    return Bench(
        machine=describe(await workbench.postgres_version()),
        one_processor=one_processor,
        two_processors=two_processors,
        one_account=one_account,
        many_connections=many_connections,
        reading=reading,
        loop=loop,
        offered=offered,
        floods=floods,
    )


async def _warm_up(workbench: Workbench, backlog: Backlog, say: Say) -> None:
    """Kafka's JVM compiles what it runs often: the first drain would pay for all of them."""
    async with workbench.site() as site:
        say(f"warming up with {counted(backlog.commands, 'deposit')}, not measured")
        await fill(site, backlog)
        await drain(site, backlog)


async def _compared(
    workbench: Workbench, backlog: Backlog, say: Say, rows: Rows | None = None
) -> tuple[Compared, Rows]:
    """Post a backlog, and then write `rows`, or what it became; and what was written.

    Every reference writes the same rows: drains can be compared with each other by way of theirs.
    """
    async with workbench.site() as site:
        accounts = counted(backlog.accounts, "account")
        say(f"accepting {counted(backlog.commands, 'deposit')} over {accounts}")
        await fill(site, backlog)
        say(f"posting them by {counted(backlog.processors, 'processor')}")
        drained = await drain(site, backlog)
        if rows is None:
            rows = await rows_of(site.database)
        reference = await _reference(workbench, rows, 1, say)
        await _audit(site, say)
    return Compared(drained, reference), rows


async def _reference(workbench: Workbench, rows: Rows, connections: int, say: Say) -> Reference:
    of_rows = f"the rows of {counted(rows.transactions, 'deposit')}"
    say(f"bare asyncpg writes {of_rows} over {counted(connections, 'connection')}")
    async with workbench.site() as site:
        return await write(site, rows, connections)


async def _audit(site: Site, say: Say) -> None:
    await audit(site.database.dsn())
    say(f"audited: all {len(RULES)} rules hold")


async def _live(
    workbench: Workbench, scale: Scale, say: Say
) -> tuple[Loop, Sequence[Offered], Sequence[Flood]]:
    async with workbench.site() as site:
        async with live(site, scale) as running:
            clients = counted(scale.connections, "connection")
            say(f"closed loop: {clients} for {scale.loop_seconds:g} s")
            loop = await running.closed()
            offered = []
            for share in scale.shares:
                rate = share * loop.accepted_per_second
                say(f"open loop: {rate:,.0f} deposits a second")
                offered.append(await running.offered(rate))
            floods = []
            for share in scale.flood_shares:
                say(f"flood: {share:.0%} of the closed loop for {scale.flood_seconds:g} s")
                floods.append(await running.flooded(share, loop))
            await running.all_posted()
        await _audit(site, say)
        return loop, offered, floods
