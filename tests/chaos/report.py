"""The figures as a table and as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from tests.chaos.figures import Figures
from tests.chaos.history import History
from tests.console import console

LOG_COLUMNS: Final = 110
"""Of the table where it is written to no terminal."""
SENTENCES_SHOWN: Final = 20
"""Of what is wrong; the JSON file has all of it."""


def table(figures: Figures) -> Table:
    """The faults by kind."""
    made = Table(
        title=f"seed {figures.seed}: {figures.kills} kills, {len(figures.schedule)} faults "
        f"in {figures.seconds:.0f} s",
        caption="First commit: the longest that any partition took, from the end of the fault.",
        box=box.SIMPLE_HEAD,
    )
    made.add_column("fault")
    for name in ("times", "kills", "first commit"):
        made.add_column(name, justify="right")
    for kind in figures.kinds:
        seconds = f"{kind.first_commit_seconds:.1f} s"
        made.add_row(kind.name, str(kind.times), str(kind.kills), seconds)
    return made


def show(figures: Figures) -> None:
    """Print the table, the load and the verdict."""
    screen = console(LOG_COLUMNS)
    screen.print(table(figures))
    screen.print(f"commands      {_counts(figures.calls)}")
    screen.print(f"sent          {_counts(figures.attempts)}")
    screen.print(f"balances read {figures.reads:,}")
    screen.print(f"books         {figures.transactions:,} transactions, {figures.events:,} events")
    screen.print(f"told          {_counts(figures.audience)}")
    screen.print(f"put back      {_counts(figures.undecided)} were committed and never told")
    for one in figures.proofs:
        screen.print(Text(f"{one.verb}: {one.lines[-1]}"), soft_wrap=True)
    broken = [f"audit: {one.rule}: {one.rows}" for one in figures.rules if not one.holds]
    wrong = [*figures.troubles, *broken, *figures.breaches]
    for sentence in wrong[:SENTENCES_SHOWN]:
        screen.print(Text(sentence, "red"), soft_wrap=True)
    if len(wrong) > SENTENCES_SHOWN:
        screen.print(f"and {len(wrong) - SENTENCES_SHOWN} more")
    screen.print(f"harm          {_counts(figures.harm)}")
    kept = f"Every promise was kept, and all {len(figures.rules)} rules of the books hold."
    screen.print(kept if figures.holds else "Promises are BROKEN, see above.", style="bold")


def write(figures: Figures, history: History, folder: Path) -> None:
    """Write `chaos.json`, and the whole history beside it. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"holds": figures.holds, "kills": figures.kills, **msgspec.to_builtins(figures)}
    text = json.dumps(content, indent=2) + "\n"
    (folder / "chaos.json").write_text(text, encoding="utf-8")
    (folder / "history.json").write_bytes(msgspec.json.encode(history))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
