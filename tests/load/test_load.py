"""`make load`, for a few seconds: real servers, real k6. How fast it is, nobody asks here."""

import json
import signal
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.audit_rules import RULES
from tests.eventually import eventually
from tests.running_stack import none_lives
from tests.servers import scratch_folder
from tests.verb_under_test import Verb, verb

pytestmark = pytest.mark.timeout(240)
START_SECONDS = 120.0


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Where the load test puts its own scratch folder."""
    with scratch_folder() as folder:
        yield folder


def load_test(scratch: Path, *arguments: str) -> AbstractAsyncContextManager[Verb]:
    """`make load`, small."""
    small = ("--vus", "4", "--users", "20", "--json", str(scratch / "load.json"))
    return verb("tests.load", scratch, *small, *arguments)


async def test_under_load_every_accepted_command_is_in_the_books_once(scratch: Path) -> None:
    async with load_test(scratch, "--seconds", "3") as load:
        assert await load.process.wait() == 0, load.said

    figures = json.loads((scratch / "load.json").read_text())
    counts, books = figures["load"], figures["books"]
    assert figures["wrong"] == []
    assert counts["sent"] > counts["opened"] == 20
    assert (
        counts["sent"] == counts["accepted"] + sum(counts["refused"].values()) + counts["unknown"]
    )
    assert counts["reads"] > 0
    assert all(counts["accepted_minor_units"][type_] > 0 for type_ in ("transfer", "hold"))
    assert sum(books["rejected"].values()) > 0
    transactions = books["posted"] + sum(books["rejected"].values())
    assert counts["accepted"] <= transactions <= counts["accepted"] + counts["unknown"]
    assert {rule["rule"]: rule["row_count"] for rule in figures["rules"]} == dict.fromkeys(RULES, 0)
    assert set(figures["cpu_seconds"]) == {
        *("k6", "supervisor", "api", "processor", "webhooks", "kafka", "postgres")
    }
    assert "The money is right." in load.said
    # Both steps, and over something.
    assert figures["proof"]["holds"]
    assert all(f"\n{step}: " in load.said for step in ("books", "replay"))
    assert load.left_behind() == []


async def test_ctrl_c_stops_everything_and_leaves_nothing_behind(scratch: Path) -> None:
    async with load_test(scratch, "--seconds", "60") as load:
        await eventually(lambda: "k6" in load.descendants(), START_SECONDS)
        pids = load.descendants()
        assert {"k6", "java", "postgres"} <= set(pids)

        load.process.send_signal(signal.SIGINT)

        assert await load.process.wait() == 130, load.said
    assert "stopping" in load.said
    assert none_lives(pids)
    assert load.left_behind() == []
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
    async with load_test(scratch, argument, text) as load:
        assert await load.process.wait() == 1

    assert load.said == f"{told}\n"


async def test_a_stack_that_does_not_start_is_told_in_words(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERFOIL_NONSENSE", "1")

    async with load_test(scratch) as load:
        assert await load.process.wait() == 1

    assert "The stack did not start." in load.said
    assert "COUNTERFOIL_NONSENSE is not a setting of Counterfoil" in load.said
    assert "Traceback" not in load.said
    assert load.left_behind() == []
