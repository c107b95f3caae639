"""`make load`, for a few seconds: real servers, real k6. How fast it is, nobody asks here."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.audit_rules import RULES
from tests.eventually import eventually
from tests.running_stack import CHECKOUT, none_lives
from tests.servers import scratch_folder

pytestmark = pytest.mark.timeout(240)
START_SECONDS = 120.0


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Where the load test puts its own scratch folder."""
    with scratch_folder() as folder:
        yield folder


@asynccontextmanager
async def load_test(scratch: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m tests.load`, whose output goes to the file `said`."""
    with (scratch / "said").open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.load", "--vus", "4", "--users", "20", *arguments),
            *("--json", str(scratch / "load.json")),
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
    """The processes that the load test has started, and what those have; the last of each name."""
    pids = {}
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            pids[child.name()] = child.pid
    return pids


def left_behind(scratch: Path) -> list[Path]:
    return [path for path in scratch.iterdir() if path.is_dir()]


async def test_under_load_every_accepted_command_is_in_the_books_once(scratch: Path) -> None:
    async with load_test(scratch, "--seconds", "3") as process:
        assert await process.wait() == 0, said(scratch)

    figures = json.loads((scratch / "load.json").read_text())
    load, books = figures["load"], figures["books"]
    assert figures["wrong"] == []
    assert load["sent"] > load["opened"] == 20
    assert load["sent"] == load["accepted"] + sum(load["refused"].values()) + load["unknown"]
    assert load["reads"] > 0
    assert all(load["accepted_minor_units"][type_] > 0 for type_ in ("transfer", "hold"))
    assert sum(books["rejected"].values()) > 0
    transactions = books["posted"] + sum(books["rejected"].values())
    assert load["accepted"] <= transactions <= load["accepted"] + load["unknown"]
    assert {rule["rule"]: rule["row_count"] for rule in figures["rules"]} == dict.fromkeys(RULES, 0)
    assert set(figures["cpu_seconds"]) == {
        *("k6", "supervisor", "api", "processor", "kafka", "postgres")
    }
    assert "The money is right." in said(scratch)
    assert left_behind(scratch) == []


async def test_ctrl_c_stops_everything_and_leaves_nothing_behind(scratch: Path) -> None:
    async with load_test(scratch, "--seconds", "60") as process:
        await eventually(lambda: "k6" in descendants(process), START_SECONDS)
        pids = descendants(process)
        assert {"k6", "java", "postgres"} <= set(pids)

        process.send_signal(signal.SIGINT)

        assert await process.wait() == 130, said(scratch)
    assert "stopping" in said(scratch)
    assert none_lives(pids)
    assert left_behind(scratch) == []
    assert not (scratch / "load.json").exists()


@pytest.mark.parametrize(
    ("argument", "text", "told"),
    [
        ("--vus", "0", "VUS=0 is not a number from 1 up."),
        ("--seconds", "abc", "SECONDS=abc is not a number from 1 up."),
    ],
)
async def test_a_refusal_names_the_variable_as_the_user_of_make_wrote_it(
    scratch: Path, argument: str, text: str, told: str
) -> None:
    async with load_test(scratch, argument, text) as process:
        assert await process.wait() == 1

    assert said(scratch) == f"{told}\n"


async def test_a_stack_that_does_not_start_is_told_in_words(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERFOIL_NONSENSE", "1")

    async with load_test(scratch) as process:
        assert await process.wait() == 1

    assert "The stack did not start." in said(scratch)
    assert "COUNTERFOIL_NONSENSE is not a setting of Counterfoil" in said(scratch)
    assert "Traceback" not in said(scratch)
    assert left_behind(scratch) == []
