"""What simulations came to, as tables."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from tests.simulation.bugs.bug import Bug
from tests.simulation.hunting import Find
from tests.simulation.machine.faults import Fault
from tests.simulation.many import Tally
from tests.simulation.world import Report

LOG_COLUMNS: Final = 120
"""Of tables that are written to no terminal."""


def tally_table(tally: Tally, seconds: float, jobs: int) -> Table:
    """Seeds, seconds, and every kind of fault with how often it struck."""
    made = Table(
        title=f"{tally.seeds:,} seeds in {seconds:.0f} s, {jobs} at a time: "
        f"{tally.seeds / max(seconds, 0.001):.0f} a second",
        caption=f"{tally.commands:,} requests, {tally.pages:,} pages, "
        f"{tally.virtual_seconds / 3600:.1f} hours of virtual time",
        box=box.SIMPLE_HEAD,
    )
    made.add_column("fault")
    made.add_column("times", justify="right")
    for fault in Fault:
        made.add_row(fault.value, f"{tally.faults[fault]:,}")
    return made


def bugs_table(finds: Sequence[tuple[Bug, Find]]) -> Table:
    """Each bug, the promise whose checker must notice it, and after how many seeds it did."""
    made = Table(title="planted bugs", box=box.SIMPLE_HEAD)
    for column in ("bug", "the promise that it breaks", "checker"):
        made.add_column(column)
    made.add_column("found in seed", justify="right")
    for bug, find in finds:
        seed = "NOT FOUND" if find.sentence is None else str(find.seeds - 1)
        made.add_row(bug.name, bug.promise.value, bug.promise.name.lower(), seed)
    return made


def show_trace(report: Report, screen: Console) -> None:
    """Line by line what happened, and what was wrong with it."""
    for line in report.trace:
        style = "bold red" if "BROKEN" in line else None
        screen.print(line, style=style, markup=False, soft_wrap=True)
    verdict = "; ".join(report.broken) or "every promise held"
    screen.print(
        f"seed {report.seed}, {report.steps:,} steps, trace {report.trace_hash}: {verdict}",
        markup=False,
        soft_wrap=True,
    )
