"""The benchmark runs and its books are right: a slice of it, and never how fast."""

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest

from tests.bench.figures import Bench
from tests.bench.scale import QUICK
from tests.running_stack import CHECKOUT

pytestmark = pytest.mark.timeout(240)
PNG = b"\x89PNG\r\n\x1a\n"


async def run(*arguments: str) -> tuple[int, str]:
    """The benchmark as `make bench` runs it: exit status and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench", "--quick", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=CHECKOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_slice_of_the_benchmark_posts_everything_and_tells_of_it(tmp_path: Path) -> None:
    status, said = await run("--folder", str(tmp_path))
    assert status == 0, said
    figures = msgspec.json.decode((tmp_path / "bench.json").read_bytes(), type=Bench)
    assert figures.drain.transactions == QUICK.backlog
    assert figures.two_processors.transactions == QUICK.backlog
    assert figures.one_account.transactions == QUICK.backlog
    assert [one.transactions for one in figures.reference] == [QUICK.backlog]
    assert figures.loop.accepted > 0
    assert len(figures.offered) == len(QUICK.shares)
    assert all(one.refused == 0 for one in figures.offered)
    for cpu in (figures.drain.cpu, figures.two_processors.cpu, figures.loop.cpu):
        assert {"processor", "postgres", "kafka", "load generator"} <= cpu.keys()
        assert all(seconds > 0 for seconds in cpu.values())
    assert (tmp_path / "latency.png").read_bytes().startswith(PNG)
    for title in ("A backlog of 6,000", "Closed loop", "Latency over offered load"):
        assert title in said
