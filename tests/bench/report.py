"""The figures as tables on the terminal."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.figures import Bench, CpuSeconds, Drain, Percentiles, Reference
from tests.bench.machine import Machine

DRAIN_RATIO: Final = 0.6
ONE_ACCOUNT_RATIO: Final = 0.7
DRAINED_SECONDS: Final = 2.0
"""What we mean to reach."""
PROCESSOR: Final = "the processor"
TWO_PROCESSORS: Final = "two processors"
ONE_ACCOUNT: Final = "the processor, one account"
LOG_COLUMNS: Final = 110
"""Of tables that are written to no terminal."""


def drain_ratio(bench: Bench, drain: Drain) -> float:
    """How fast a backlog is posted, against the first of the references."""
    return drain.per_second / bench.reference[0].per_second


def one_account_ratio(bench: Bench) -> float:
    """How fast a backlog of one account is posted, against one of many accounts."""
    return bench.one_account.per_second / bench.drain.per_second


def show(bench: Bench) -> None:
    """Print all tables."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=LOG_COLUMNS)
    console.print(_machine(bench.machine))
    console.print(_backlog(bench))
    console.print(_loop(bench))
    console.print(_offered(bench))
    console.print(_cpu(bench))


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
        f"A backlog of {bench.drain.transactions:,} deposits in the log",
        *("", "transactions/s", "records/page", "ratio", "to reach"),
    )
    for one in bench.reference:
        table.add_row(_reference(one), f"{one.per_second:,.0f}", "1,000", "", "")
    for name, drain in ((PROCESSOR, bench.drain), (TWO_PROCESSORS, bench.two_processors)):
        _add(table, name, drain, drain_ratio(bench, drain), DRAIN_RATIO)
    _add(table, ONE_ACCOUNT, bench.one_account, one_account_ratio(bench), ONE_ACCOUNT_RATIO)
    table.caption = "Ratios: to bare asyncpg over one connection; one account, to the many."
    return table


def _reference(reference: Reference) -> str:
    many = "connection" if reference.connections == 1 else "connections"
    return f"bare asyncpg, {reference.connections} {many}"


def _add(table: Table, name: str, drain: Drain, ratio: float, to_reach: float) -> None:
    table.add_row(
        name,
        f"{drain.per_second:,.0f}",
        f"{drain.records_per_page:,.0f}",
        f"{ratio:.2f}",
        _verdict(to_reach, reached=ratio >= to_reach, sign="≥"),
    )


def _cpu(bench: Bench) -> Table:
    parts: dict[str, CpuSeconds] = {
        **{_reference(one): one.cpu for one in bench.reference},
        PROCESSOR: bench.drain.cpu,
        TWO_PROCESSORS: bench.two_processors.cpu,
        ONE_ACCOUNT: bench.one_account.cpu,
        "closed loop": bench.loop.cpu,
    }
    names = list(bench.loop.cpu)
    table = _table("CPU milliseconds per transaction, by process", "", *names, "sum")
    for part, cpu in parts.items():
        taken = [f"{cpu[name]:.3f}" if name in cpu else "" for name in names]
        table.add_row(part, *taken, f"{sum(cpu.values()):.3f}")
    return table


def _loop(bench: Bench) -> Table:
    loop = bench.loop
    table = _table(
        f"Closed loop over HTTP: {loop.connections} connections for {loop.seconds:.0f} s", "", ""
    )
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


def _verdict(to_reach: float, *, reached: bool, sign: str, unit: str = "") -> str:
    return f"{sign} {to_reach:g}{unit}: {'reached' if reached else 'MISSED'}"


def _milliseconds(percentiles: Percentiles) -> str:
    return f"{percentiles.p50:.1f} / {percentiles.p99:.1f} ms"
