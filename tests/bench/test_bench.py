"""The benchmark runs and its books are right: a slice of it, and never how fast."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from infra.local.__main__ import INTERRUPTED
from tests.audit_rules import RULES
from tests.bench.counted import counted
from tests.bench.figures import Bench, Compared, Drain, Reference
from tests.bench.scale import QUICK
from tests.running_stack import CHECKOUT, none_lives
from tests.servers import scratch_folder

pytestmark = pytest.mark.timeout(240)
PNG = b"\x89PNG\r\n\x1a\n"


async def started(*arguments: str, scratch: Path) -> asyncio.subprocess.Process:
    """The benchmark as `make bench` runs it, with its scratch folders in `scratch`."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench", "--quick", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(scratch)},
        start_new_session=True,
    )


async def run(*arguments: str) -> tuple[int, str]:
    """The benchmark to its end: exit status and what it said."""
    with scratch_folder() as scratch:
        process = await started(*arguments, scratch=scratch)
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_slice_of_the_benchmark_posts_everything_and_tells_of_it(tmp_path: Path) -> None:
    status, said = await run("--folder", str(tmp_path))
    assert status == 0, said
    figures = msgspec.json.decode((tmp_path / "bench.json").read_bytes(), type=Bench)
    drains = (figures.one_processor, figures.two_processors, figures.one_account)
    for one in drains:
        assert one.drain.transactions == one.reference.transactions == QUICK.backlog
        assert one.reference.connections == 1
    assert figures.many_connections.transactions == QUICK.backlog
    assert figures.reading.entries == QUICK.history
    assert figures.reading.exported.bytes > 50 * QUICK.history
    assert figures.loop.accepted > 0
    assert len(figures.offered) == len(QUICK.shares)
    assert all(one.refused == 0 for one in figures.offered)
    (flood,) = figures.floods
    assert flood.accepted_per_second > 0
    assert flood.memory_bytes.keys() == {"api", "processor"}
    for cpu in (*(one.drain.cpu for one in drains), figures.loop.cpu):
        assert {"processor", "postgres", "kafka", "load generator"} <= cpu.keys()
        assert all(seconds > 0 for seconds in cpu.values())
    assert (tmp_path / "latency.png").read_bytes().startswith(PNG)
    for title in (
        "A backlog of 6,000",
        "read over HTTP",
        "Closed loop",
        "Latency over offered load",
        "More than can be taken",
    ):
        assert title in said
    assert said.count(f"audited: all {len(RULES)} rules hold") == len(drains) + 1


@pytest.mark.parametrize(("verb", "under_way"), [((), "posting them"), (("--profile",), "sampled")])
async def test_ctrl_c_stops_it_in_order(
    tmp_path: Path, verb: tuple[str, ...], under_way: str
) -> None:
    with scratch_folder() as scratch:
        process = await started(*verb, "--folder", str(tmp_path), scratch=scratch)
        assert process.stdout is not None
        while under_way not in (line := (await process.stdout.readline()).decode()):
            assert line, "it ended before"
        children = {
            str(one.pid): one.pid for one in psutil.Process(process.pid).children(recursive=True)
        }

        process.send_signal(signal.SIGINT)

        assert await process.wait() == INTERRUPTED
        assert (await process.stdout.read()).decode().split() == ["stopping"]
        assert none_lives(children)
        assert list(scratch.iterdir()) == []


def test_a_drain_is_compared_with_its_own_reference_and_with_another_drain() -> None:
    many = compared(drained_per_second=1_000.0, reference_per_second=2_000.0)
    one = compared(drained_per_second=800.0, reference_per_second=1_000.0)

    assert (many.ratio, one.ratio) == pytest.approx((0.5, 0.8))
    assert one.against(many) == pytest.approx(0.8)


def compared(drained_per_second: float, reference_per_second: float) -> Compared:
    return Compared(
        Drain(10, drained_per_second, records_per_page=5.0, seconds_to_first_page=1.0, cpu={}),
        Reference(10, connections=1, per_second=reference_per_second, cpu={}),
    )


def test_one_thing_is_said_in_the_singular() -> None:
    assert [counted(count, "account") for count in (1, 2, 1_000)] == [
        *("1 account", "2 accounts", "1,000 accounts")
    ]
