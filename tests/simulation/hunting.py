"""Finding planted bugs: the first seed in which the checker that must notice one does."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

from tests.simulation.bugs.bug import Bug
from tests.simulation.bugs.planted import BUGS
from tests.simulation.regressions import REGRESSIONS
from tests.simulation.world import World

MAX_SEEDS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Find:
    """A bug, and what noticed it. `seeds` is how many were tried; the last one found it."""

    name: str
    seeds: int
    sentence: str | None


def hunt(bug: Bug, max_seeds: int = MAX_SEEDS) -> Find:
    """Look for a world in which the bug breaks its promise: first among those that show much."""
    seeds = (*REGRESSIONS, *range(max_seeds))
    for count, seed in enumerate(seeds, start=1):
        broken = World(seed, bug.doubles).run().broken
        if bug.promise in broken:
            return Find(bug.name, count, broken[bug.promise][0])
    return Find(bug.name, len(seeds), None)


def hunt_all(jobs: int) -> Iterator[tuple[Bug, Find]]:
    """Each bug with its find, in the order of the list."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from zip(BUGS, pool.map(_hunt_number, range(len(BUGS))), strict=True)


def _hunt_number(number: int) -> Find:
    # By its number: the doubles of a bug are functions, which do not travel between processes.
    return hunt(BUGS[number])
