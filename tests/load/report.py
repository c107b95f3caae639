"""The figures as a table and as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from tests.console import console
from tests.load.figures import Figures, Latency

LOG_COLUMNS: Final = 100
"""Of the table where it is written to no terminal."""

Row = tuple[str, str]


def table(figures: Figures) -> Table:
    """All figures and verdicts: one part each for clients, books, CPU time and audit."""
    made = Table(
        title=f"{figures.clients} clients on {figures.users:,} accounts "
        f"for {figures.load.seconds:.0f} s",
        caption=f"k6, servers and audit share this machine's {figures.cores} cores, and slow "
        "each other.",
        box=box.SIMPLE_HEAD,
        show_header=False,
    )
    for part in (_pace(figures), _clients(figures), _books(figures), _cpu(figures)):
        _add(made, part)
    for finding in figures.rules:
        verdict = Text("holds", "green") if finding.holds else Text("BROKEN", "bold red")
        made.add_row(verdict, finding.rule)
    return made


def show(figures: Figures, wrong: Sequence[str]) -> None:
    """Print the table and the verdict."""
    screen = console(LOG_COLUMNS)
    screen.print(table(figures))
    for line in figures.proof.lines:
        screen.print(line, markup=False, soft_wrap=True)
    for sentence in wrong:
        screen.print(sentence, style="red", markup=False, soft_wrap=True)
    screen.print("Something is WRONG, see above." if wrong else "The money is right.", style="bold")


def write(figures: Figures, wrong: Sequence[str], file: Path) -> None:
    """Write all of it as JSON, for machines. Raises `OSError`."""
    content = {
        "wrong": list(wrong),
        "posts_per_second": round(figures.load.posts_per_second, 1),
        "reads_per_second": round(figures.load.reads_per_second, 1),
        **msgspec.to_builtins(figures),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _add(made: Table, rows: Iterable[Row]) -> None:
    for name, text in rows:
        made.add_row(name, text)
    made.add_section()


def _pace(figures: Figures) -> Iterable[Row]:
    load = figures.load
    yield "POST", f"{load.posts_per_second:,.0f} a second   {_latency(load.post_ms)}"
    yield "GET", f"{load.reads_per_second:,.0f} a second   {_latency(load.read_ms)}"


def _clients(figures: Figures) -> Iterable[Row]:
    load = figures.load
    yield "sent", f"{load.sent:,}, of them {load.opened:,} before the clock ran, to open accounts"
    yield "accepted", f"{load.accepted:,} (202)"
    yield "refused", _counts(load.refused, "status ")
    yield "unknown", f"{load.unknown:,} (no answer, or one that says that it may be accepted)"
    yield "reads", f"{load.reads:,}, failed: {_counts(load.failed_reads, 'status ')}"


def _books(figures: Figures) -> Iterable[Row]:
    books = figures.books
    yield "posted", f"{books.posted:,}"
    yield "rejected", _counts(books.rejected)
    yield "complete", f"{books.seconds_behind:.1f} s after the last answer"


def _cpu(figures: Figures) -> Iterable[Row]:
    for name, seconds in sorted(figures.cpu_seconds.items(), key=lambda one: -one[1]):
        yield name, f"{seconds:.1f} CPU seconds"


def _latency(latency: Latency) -> str:
    return f"p50 {latency.p50:.1f} ms, p95 {latency.p95:.1f} ms, p99 {latency.p99:.1f} ms"


def _counts(counts: Mapping[str, int], kind: str = "") -> str:
    total = f"{sum(counts.values()):,}"
    parts = ", ".join(f"{kind}{name}: {count:,}" for name, count in counts.items())
    return f"{total} ({parts})" if parts else total
