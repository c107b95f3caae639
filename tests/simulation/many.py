"""Many worlds, on as many cores as may be had."""

import gc
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import get_context
from typing import Final

from tests.simulation.machine.faults import Fault
from tests.simulation.world import Report, World

SEEDS_AT_ONCE: Final = 25
"""What a process lives through before it answers, and cleans up after itself."""


@dataclass(slots=True)
class Tally:
    """What many worlds came to."""

    seeds: int = 0
    commands: int = 0
    pages: int = 0
    virtual_seconds: float = 0.0
    faults: Counter[Fault] = field(default_factory=Counter)
    failed: Report | None = None

    def add(self, report: Report) -> None:
        """Count a world in."""
        self.seeds += 1
        self.commands += report.commands
        self.pages += report.pages
        self.virtual_seconds += report.seconds
        self.faults.update(report.faults)
        if report.broken and self.failed is None:
            self.failed = report


def live(
    seeds: Iterable[int],
    jobs: int,
    budget_seconds: float | None = None,
    at_least: int = 0,
    tell: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """What all of the seeds came to, or those before one failed or the time was over.

    However soon it is over, there are `at_least` so many. `tell` is given the tally so far, time
    and again.
    """
    end = None if budget_seconds is None else time.monotonic() + budget_seconds
    tally = Tally()
    # Spawned: whoever calls may have threads, which a fork would break.
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare) as pool:
        waiting = _chunks(seeds)
        running: set[Future[list[Report]]] = set()
        while True:
            has_time = end is None or time.monotonic() < end or tally.seeds < at_least
            if tally.failed is None and has_time:
                fresh = islice(waiting, jobs + 1 - len(running))
                running |= {pool.submit(_live_all, chunk) for chunk in fresh}
            if not running:
                return tally
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for report in chain.from_iterable(one.result() for one in done):
                tally.add(report)
            tell(tally)


def _prepare() -> None:
    # Ctrl-C reaches us all; whoever started us says what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.disable()


def _chunks(seeds: Iterable[int]) -> Iterator[tuple[int, ...]]:
    remaining = iter(seeds)
    while chunk := tuple(islice(remaining, SEEDS_AT_ONCE)):
        yield chunk


def _live_all(seeds: tuple[int, ...]) -> list[Report]:
    reports = []
    for seed in seeds:
        reports.append(World(seed).run())
        if reports[-1].broken:
            break
    gc.collect()
    return reports
