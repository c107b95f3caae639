"""`python -m tests.simulation`: what `make simulate` calls."""

import argparse
import os
import sys
import time
from itertools import count
from typing import Final

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from infra.local.__main__ import INTERRUPTED
from infra.local.refused import Refused
from tests.console import console
from tests.simulation.hunting import MAX_SEEDS, hunt_all
from tests.simulation.many import Tally, live
from tests.simulation.report import LOG_COLUMNS, bugs_table, show_trace, tally_table
from tests.simulation.world import World

SEEDS: Final = 3_000


def main() -> int:
    """Parse the command line and do it; 1 if a promise broke, or a bug was not found."""
    arguments = _parser().parse_args()
    try:
        jobs = _some("JOBS", arguments.jobs) or os.cpu_count() or 1
        if arguments.bugs:
            return _hunt(jobs)
        if arguments.seed:
            return _replay(_count("SEED", arguments.seed) or 0)
        return _simulate(
            _count("FIRST", arguments.first) or 0,
            _some("SEEDS", arguments.seeds),
            _some("MINUTES", arguments.minutes),
            jobs,
        )
    except KeyboardInterrupt:
        return INTERRUPTED
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _simulate(first: int, seeds: int | None, minutes: int | None, jobs: int) -> int:
    """So many worlds, or as many as the time gives."""
    if seeds is None and minutes is None:
        seeds = SEEDS
    chosen = count(first) if seeds is None else range(first, first + seeds)
    started = time.monotonic()
    screen = console(LOG_COLUMNS)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    budget_seconds = None if minutes is None else 60.0 * minutes
    with Progress(
        *columns, console=screen, transient=True, disable=not screen.is_terminal
    ) as progress:
        task = progress.add_task("0 seeds")

        def tell(tally: Tally) -> None:
            progress.update(task, description=f"{tally.seeds:,} seeds")

        tally = live(chosen, jobs, budget_seconds, tell=tell)
    screen.print(tally_table(tally, time.monotonic() - started, jobs))
    if tally.failed is None:
        screen.print("Every promise held in every seed.", style="bold")
        return 0
    failed = tally.failed
    screen.print(f"Seed {failed.seed} broke a promise:", style="bold red")
    for promise, sentences in failed.broken.items():
        screen.print(f"  {promise}: {sentences[0]}", markup=False, soft_wrap=True)
    screen.print(f"Its whole trace: make simulate SEED={failed.seed}", style="bold")
    return 1


def _replay(seed: int) -> int:
    """One world, with its trace."""
    report = World(seed, keeps_trace=True).run()
    show_trace(report, console(LOG_COLUMNS))
    return 1 if report.broken else 0


def _hunt(jobs: int) -> int:
    """Every planted bug."""
    screen = console(LOG_COLUMNS)
    with screen.status("looking for planted bugs"):
        finds = list(hunt_all(jobs))
    screen.print(bugs_table(finds))
    missed = [bug.name for bug, find in finds if find.sentence is None]
    if missed:
        screen.print(f"NOT found within {MAX_SEEDS:,} seeds: {', '.join(missed)}", style="bold red")
        return 1
    screen.print(f"All {len(finds)} planted bugs were found.", style="bold")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", default="", help=f"how many, {SEEDS} unless --minutes is given")
    parser.add_argument("--minutes", default="", help="how long")
    parser.add_argument("--first", default="", help="the first seed, 0 by default")
    parser.add_argument("--seed", default="", help="replay this one, and show its trace")
    parser.add_argument("--jobs", default="", help="processes, one a core by default")
    parser.add_argument("--bugs", action="store_true", help="find the planted bugs instead")
    return parser


def _count(name: str, text: str) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdecimal():
        return int(text)
    raise Refused(f"{name}={text} is not a whole number.")


def _some(name: str, text: str) -> int | None:
    # Of no worlds at all every promise would hold.
    if (number := _count(name, text)) == 0:
        raise Refused(f"{name}={text} is not a number from 1 up.")
    return number


if __name__ == "__main__":
    sys.exit(main())
