"""Worlds of faults, seed after seed: every promise holds, and every checker can see.

How it works, and what to do with a seed that fails: docs/simulation.md.
"""

import os
import subprocess
import sys
from typing import Final

import pytest

from infra.local.java import CHECKOUT
from tests.simulation.bugs.planted import BUGS
from tests.simulation.hunting import hunt
from tests.simulation.machine.faults import Fault
from tests.simulation.many import live
from tests.simulation.promises.promise import Promise
from tests.simulation.regressions import REGRESSIONS
from tests.simulation.world import World

SEEDS: Final = 2_400
BUDGET_SECONDS: Final = 180.0
LEAST_SEEDS: Final = 500
"""However slow the machine is."""
_HASH_SEEDS: Final = ("1", "2")
_REPLAYED: Final = 17


@pytest.mark.timeout(5 * BUDGET_SECONDS)
def test_every_promise_holds_in_thousands_of_worlds(capsys: pytest.CaptureFixture[str]) -> None:
    tally = live(range(SEEDS), os.cpu_count() or 1, BUDGET_SECONDS, LEAST_SEEDS)

    with capsys.disabled():
        sys.stdout.write(f"\n{tally.seeds} seeds, {sum(tally.faults.values())} faults: ")
    failed = tally.failed
    assert failed is None, f"make simulate SEED={failed.seed}: {failed.broken}"
    assert {fault for fault in Fault if not tally.faults[fault]} == set()


@pytest.mark.parametrize("seed", sorted(REGRESSIONS))
def test_a_seed_that_found_something_finds_nothing_now(seed: int) -> None:
    assert World(seed).run().broken == {}, REGRESSIONS[seed]


def test_a_seed_gives_the_same_world_again_and_another_seed_another_one() -> None:
    first, again, other = World(1).run(), World(1).run(), World(2).run()

    assert again == first
    assert other.trace_hash != first.trace_hash


def test_a_seed_gives_the_same_world_in_another_process_that_hashes_otherwise() -> None:
    code = f"from tests.simulation.world import World; print(World({_REPLAYED}).run().trace_hash)"
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=CHECKOUT,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in _HASH_SEEDS
    }

    assert hashes == {World(_REPLAYED).run().trace_hash}


@pytest.mark.parametrize("number", range(len(BUGS)), ids=[one.name for one in BUGS])
def test_a_planted_bug_is_found_by_the_checker_of_its_promise(number: int) -> None:
    assert hunt(BUGS[number]).sentence is not None


def test_every_promise_is_broken_by_some_planted_bug() -> None:
    assert {one.promise for one in BUGS} == set(Promise)
