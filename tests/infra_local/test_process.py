"""Child processes: recorded before they act, stopped by steps, gone with their parent."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from infra.local.identity import started
from infra.local.leftovers import Trace
from infra.local.process import Command, Died, Process, Stopping, complete, spawn
from infra.local.stopping import StopRequest
from tests.eventually import eventually
from tests.running_stack import CHECKOUT

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
PARENT = """
import asyncio, sys
from pathlib import Path
from infra.local.leftovers import Trace
from infra.local.process import Command, spawn
async def main():
    child = await spawn(Command("child", ["sleep", "600"], Path(sys.argv[1])))
    print(child.pid, flush=True)
    await child.ended()
asyncio.run(main())
"""


def python(source: str, log: Path, *, patience_seconds: float = 600) -> Command:
    """A command that runs a few lines of Python."""
    steps = ((signal.SIGTERM, patience_seconds), (signal.SIGKILL, 10.0))
    return Command("python", [sys.executable, "-c", source], log, stopping=Stopping(steps))


async def deaf(log: Path, patience_seconds: float) -> Process:
    """A process that does not listen to SIGTERM."""
    process = await spawn(python(STUBBORN, log, patience_seconds=patience_seconds))
    await eventually(lambda: "deaf" in log.read_text())
    return process


async def test_a_process_is_recorded_before_it_does_anything(tmp_path: Path) -> None:
    done = tmp_path / "done"
    recorded: list[tuple[str, int]] = []

    def record(name: str, pid: int) -> None:
        assert started(pid) is not None
        assert not done.exists()
        recorded.append((name, pid))

    process = await spawn(python(f"open({str(done)!r}, 'w')", tmp_path / "log"), record)
    assert await process.ended() == 0
    assert done.exists()
    assert recorded == [("python", process.pid)]


async def test_a_program_that_does_not_exist_says_so_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(Died, match="exit status 1"):
        await complete(Command("nothing", ["/nonexistent/program"], log))
    assert log.read_text() == "/nonexistent/program: No such file or directory\n"


async def test_a_deaf_process_gets_the_next_step(tmp_path: Path) -> None:
    process = await deaf(tmp_path / "log", patience_seconds=0.1)
    assert await process.stop()
    assert await process.ended() == -signal.SIGKILL


async def test_a_hurry_cuts_the_patience_short(tmp_path: Path) -> None:
    process = await deaf(tmp_path / "log", patience_seconds=600)
    hurry = asyncio.Event()
    hurry.set()
    assert await process.stop(hurry)


async def test_a_paused_process_is_stopped_too(tmp_path: Path) -> None:
    process = await spawn(Command("sleep", ["sleep", "600"], tmp_path / "log"))
    process.send(signal.SIGSTOP)
    assert await process.stop()


async def test_a_job_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    job = asyncio.create_task(
        complete(python("import os, time; print(os.getpid(), flush=True); time.sleep(600)", log))
    )
    await eventually(lambda: log.exists() and log.read_text().strip() != "")
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert started(int(log.read_text())) is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start cleans up")
async def test_a_child_does_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path / "log")),
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert started(child) is not None
    parent.kill()
    await parent.communicate()
    await eventually(lambda: started(child) is None)


def test_a_process_is_known_by_its_beginning_and_not_by_its_number_alone() -> None:
    beginning = started(os.getpid())
    assert beginning is not None
    assert Trace("me", os.getpid(), beginning).runs
    assert not Trace("who had my number before", os.getpid(), "earlier").runs
    assert not Trace("beyond all numbers", 2**22 + 1, beginning).runs


async def test_one_ctrl_c_that_arrives_twice_is_no_hurry() -> None:
    request = StopRequest(hurry := asyncio.Event())
    request.ask()
    request.ask()
    assert request.asked.is_set()
    assert not hurry.is_set()


async def test_a_second_ctrl_c_is_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    request = StopRequest(hurry := asyncio.Event())
    request.ask()
    now += 2
    request.ask()
    assert hurry.is_set()
