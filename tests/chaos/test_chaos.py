"""A short `make chaos`: each point, and each kind of fault that no other test makes."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.audit_rules import RULES
from tests.chaos.points import Point
from tests.eventually import eventually
from tests.running_stack import CHECKOUT, none_lives
from tests.servers import scratch_folder

pytestmark = pytest.mark.timeout(600)
START_SECONDS = 120.0
SLICE = (
    "kill-at before-produce api 3",
    "kill-at after-produce api 3",
    "kill-at after-fence processor-1 3 & kill-at after-write processor-2 3",
    "toxic cut-replies processor-1 2",
    "kill-at before-commit processor-1 3 & kill-at after-commit processor-2 3",
    "toxic black-hole kafka 2",
    "kill-at before-publish processor-1 3 & kill-at after-publish processor-2 3",
    "full-disk 2",
    "pause-at before-fence processor-2 3 13",
    "kill-session",
    "kill-at after-copy processor-1 1",
    "kill-at after-take-over processor-2 1",
    "kill-all",
)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Where chaos puts its own scratch folder, and its report."""
    with scratch_folder() as folder:
        yield folder


@asynccontextmanager
async def chaos(scratch: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m tests.chaos`, whose output goes to the file `said`."""
    with (scratch / "said").open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos", *arguments, "--folder", str(scratch)),
            stdout=said,
            stderr=said,
            cwd=CHECKOUT,
            env={**os.environ, "TMPDIR": str(scratch)},
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def said(scratch: Path) -> str:
    return (scratch / "said").read_text()


def descendants(process: asyncio.subprocess.Process) -> dict[str, int]:
    """The processes that it has started, and what those have; the last of each name."""
    pids = {}
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            pids[child.name()] = child.pid
    return pids


def left_behind(scratch: Path) -> list[Path]:
    return [path for path in scratch.iterdir() if path.is_dir() and path.name != "logs"]


async def test_whatever_is_done_to_it_every_promise_is_kept(scratch: Path) -> None:
    async with chaos(scratch, "--seed", "7", "--faults", "; ".join(SLICE)) as process:
        assert await process.wait() == 0, said(scratch)

    figures: dict[str, Any] = json.loads((scratch / "chaos.json").read_text())
    assert figures["holds"]
    assert figures["harm"] == {"lost": 0, "doubled": 0, "negative": 0, "wrong": 0}
    assert {rule["rule"]: rule["row_count"] for rule in figures["rules"]} == dict.fromkeys(RULES, 0)
    kinds = {kind["name"] for kind in figures["kinds"]}
    assert all(kinds & {f"kill-at {point}", f"pause-at {point}"} for point in Point)
    # What holds over nothing holds over anything.
    assert figures["calls"]["ok"] > 500
    assert figures["reads"] > 100
    assert figures["attempts"]["unknown (no answer)"] > 0
    assert figures["events"] >= figures["transactions"] >= figures["calls"]["ok"]
    assert left_behind(scratch) == []


async def test_ctrl_c_stops_everything_and_leaves_nothing_behind(scratch: Path) -> None:
    async with chaos(scratch, "--faults", "pause api 60") as process:
        await eventually(lambda: "toxiproxy" in descendants(process), START_SECONDS)
        pids = descendants(process)

        process.send_signal(signal.SIGINT)

        assert await process.wait() == 130, said(scratch)
    assert none_lives(pids)
    assert left_behind(scratch) == []
    assert not (scratch / "chaos.json").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--kills", "0"), "KILLS=0 is not a number from 1 up.\n"),
        (("--faults", "kill nobody"), "FAULTS: 'kill nobody' is no fault.\n"),
    ],
)
async def test_a_refusal_names_the_variable_as_the_user_of_make_wrote_it(
    scratch: Path, arguments: tuple[str, ...], told: str
) -> None:
    async with chaos(scratch, *arguments) as process:
        assert await process.wait() == 1

    assert said(scratch) == told
