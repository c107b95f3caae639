"""The figures as tables on the terminal."""

from typing import Final

from rich import box
from rich.table import Table

from tests.bench.counted import counted
from tests.bench.figures import Bench, Compared, CpuSeconds, Percentiles, Reference
from tests.bench.loops import GIVE_UP_SECONDS
from tests.bench.machine import Machine
from tests.bench.reference import PAGE_TRANSACTIONS
from tests.console import console

DRAIN_RATIO: Final = 0.6
ONE_ACCOUNT_RATIO: Final = 0.7
DRAINED_SECONDS: Final = 2.0
LAST_TO_FIRST: Final = 1.5
EXPORT_MIB: Final = 32
GOODPUT: Final = 0.9
FLAT_MIB: Final = 16
"""What we mean to reach."""
PROCESSOR: Final = "the processor"
TWO_PROCESSORS: Final = "two processors"
ONE_ACCOUNT: Final = "the processor, one account"
LOG_COLUMNS: Final = 110
"""Of tables that are written to no terminal."""


def show(bench: Bench) -> None:
    """Print all tables."""
    screen = console(LOG_COLUMNS)
    screen.print(_machine(bench.machine))
    screen.print(_backlog(bench))
    screen.print(_reading(bench))
    screen.print(_loop(bench))
    screen.print(_offered(bench))
    screen.print(_floods(bench))
    screen.print(_cpu(bench))


def _machine(machine: Machine) -> str:
    return (
        f"\n{machine.date}, commit {machine.commit}: {machine.cpu}, {machine.cores} cores, "
        f"{machine.memory_gib} GiB, {machine.system}, Python {machine.python}, "
        f"PostgreSQL {machine.postgres}.\n"
        "Load generator, servers and audit share these cores, and slow each other."
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table


def _backlog(bench: Bench) -> Table:
    table = _table(
        f"A backlog of {bench.one_processor.drain.transactions:,} deposits in the log",
        *("", "transactions/s", "records/page", "asyncpg beside it", "ratio", "to reach"),
    )
    one, two, one_account = bench.one_processor, bench.two_processors, bench.one_account
    _add(table, PROCESSOR, one, _at_least(DRAIN_RATIO, one.ratio))
    _add(table, TWO_PROCESSORS, two, _at_least(DRAIN_RATIO, two.ratio))
    _add(table, ONE_ACCOUNT, one_account, "")
    to_many = one_account.against(one)
    verdict = _at_least(ONE_ACCOUNT_RATIO, to_many)
    table.add_row("one account to many", "", "", "", f"{to_many:.2f}", verdict)
    many = bench.many_connections
    table.add_row(_reference(many), f"{many.per_second:,.0f}", f"{PAGE_TRANSACTIONS:,}")
    table.caption = "Ratios: to bare asyncpg over 1 connection, directly after the drain."
    return table


def _reference(reference: Reference) -> str:
    return f"bare asyncpg, {counted(reference.connections, 'connection')}"


def _add(table: Table, name: str, compared: Compared, verdict: str) -> None:
    drain = compared.drain
    table.add_row(
        name,
        f"{drain.per_second:,.0f}",
        f"{drain.records_per_page:,.0f}",
        f"{compared.reference.per_second:,.0f}",
        f"{compared.ratio:.2f}",
        verdict,
    )


def _at_least(to_reach: float, ratio: float) -> str:
    return _verdict(to_reach, reached=ratio >= to_reach, sign="≥")


def _cpu(bench: Bench) -> Table:
    reference = bench.one_processor.reference
    parts: dict[str, CpuSeconds] = {
        _reference(reference): reference.cpu,
        _reference(bench.many_connections): bench.many_connections.cpu,
        PROCESSOR: bench.one_processor.drain.cpu,
        TWO_PROCESSORS: bench.two_processors.drain.cpu,
        ONE_ACCOUNT: bench.one_account.drain.cpu,
        "closed loop": bench.loop.cpu,
    }
    names = list(bench.loop.cpu)
    table = _table("CPU milliseconds per transaction, by process", "", *names, "sum")
    for part, cpu in parts.items():
        taken = [f"{cpu[name]:.3f}" if name in cpu else "" for name in names]
        table.add_row(part, *taken, f"{sum(cpu.values()):.3f}")
    return table


def _reading(bench: Bench) -> Table:
    reading, exported = bench.reading, bench.reading.exported
    table = _table(f"An account with {reading.entries:,} entries, read over HTTP", "", "median")
    for name, milliseconds in reading.milliseconds.items():
        table.add_row(name, f"{milliseconds:.1f} ms")
    verdict = _verdict(LAST_TO_FIRST, reached=reading.last_to_first <= LAST_TO_FIRST, sign="≤")
    table.add_row("last page to first", f"{reading.last_to_first:.2f} ({verdict})")
    megabytes, memory = exported.bytes / 1e6, exported.memory_bytes / 2**20
    table.add_row("all of it as CSV", f"{megabytes:.1f} MB in {exported.seconds:.1f} s")
    verdict = _verdict(EXPORT_MIB, reached=memory <= EXPORT_MIB, sign="≤", unit=" MiB")
    table.add_row("memory that took", f"{memory:.1f} MiB ({verdict})")
    return table


def _loop(bench: Bench) -> Table:
    loop = bench.loop
    clients = counted(loop.connections, "connection")
    table = _table(f"Closed loop over HTTP: {clients} for {loop.seconds:.0f} s", "", "")
    drained = _verdict(
        DRAINED_SECONDS, reached=loop.drained_seconds <= DRAINED_SECONDS, sign="≤", unit=" s"
    )
    for name, value in (
        ("accepted/s", f"{loop.accepted_per_second:,.0f}"),
        ("posted/s meanwhile", f"{loop.posted_per_second:,.0f}"),
        ("all posted after the end", f"{loop.drained_seconds:.2f} s ({drained})"),
        ("records/page", f"{loop.records_per_page:.1f}"),
        ("accept, p50 / p99", _milliseconds(loop.accept)),
        ("accepted to posted, p50 / p99", _milliseconds(loop.accepted_to_posted)),
        ("a client that waits (Prefer: wait), p50 / p99", _milliseconds(loop.waited)),
    ):
        table.add_row(name, value)
    return table


def _offered(bench: Bench) -> Table:
    columns = ("offered/s", "accepted/s", "refused", "accept p50 / p99", "accepted to posted")
    table = _table("Latency over offered load (open loop, counted from when it was due)", *columns)
    for one in bench.offered:
        table.add_row(
            f"{one.per_second:,.0f}",
            f"{one.accepted_per_second:,.0f}",
            str(one.refused),
            _milliseconds(one.accept),
            _milliseconds(one.accepted_to_posted),
        )
    return table


def _floods(bench: Bench) -> Table:
    title = f"More than can be taken, from clients that give up after {GIVE_UP_SECONDS:g} s"
    columns = ("accepted/s", "posted/s", "to closed loop", "refused", "given up", "memory grew by")
    table = _table(title, "offered/s", *columns)
    for one in bench.floods:
        goodput = one.goodput(bench.loop)
        megabytes = {name: grown / 2**20 for name, grown in one.memory_bytes.items()}
        flat = _verdict(
            FLAT_MIB, reached=max(megabytes.values()) <= FLAT_MIB, sign="≤", unit=" MiB"
        )
        grown = ", ".join(f"{name} {size:.1f}" for name, size in megabytes.items())
        table.add_row(
            f"{one.per_second:,.0f} ({one.share:.0%})",
            f"{one.accepted_per_second:,.0f}",
            f"{one.posted_per_second:,.0f}",
            f"{goodput:.2f} ({_at_least(GOODPUT, goodput)})",
            f"{one.refused:,}",
            f"{one.given_up:,}",
            f"{grown} ({flat})",
        )
    return table


def _verdict(to_reach: float, *, reached: bool, sign: str, unit: str = "") -> str:
    return f"{sign} {to_reach:g}{unit}: {'reached' if reached else 'MISSED'}"


def _milliseconds(percentiles: Percentiles) -> str:
    return f"{percentiles.p50:.1f} / {percentiles.p99:.1f} ms"
