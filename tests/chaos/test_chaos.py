"""A short `make chaos`: each point, and each kind of fault that no other test makes."""

import json
import signal
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.audit_rules import RULES
from tests.chaos.points import Point
from tests.eventually import eventually
from tests.running_stack import none_lives
from tests.servers import scratch_folder
from tests.verb_under_test import Verb, verb

pytestmark = pytest.mark.timeout(600)
START_SECONDS = 120.0
SLICE = (
    # First, since what a dead process was about to deliver is another's only after a while.
    "kill-session & kill webhooks",
    "kill-all",
    "kill-at before-produce api 3",
    "kill-at after-produce api 3",
    "kill-at after-fence processor-1 3 & kill-at after-write processor-2 3",
    "toxic cut-replies processor-1 2",
    "kill-at before-commit processor-1 3 & kill-at after-commit processor-2 3",
    "toxic black-hole kafka 2",
    "kill-at before-publish processor-1 3 & kill-at after-publish processor-2 3",
    "full-disk 2",
    "pause-at before-fence processor-2 3 13 & put-back 3",
    "kill-at after-copy processor-1 1",
    "kill-at after-take-over processor-2 1",
)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Where chaos puts its own scratch folder, and its report."""
    with scratch_folder() as folder:
        yield folder


def make_chaos(scratch: Path, *arguments: str) -> AbstractAsyncContextManager[Verb]:
    """`make chaos`, with its report in `scratch`."""
    return verb("tests.chaos", scratch, *arguments, "--folder", str(scratch))


async def test_whatever_is_done_to_it_every_promise_is_kept(scratch: Path) -> None:
    async with make_chaos(scratch, "--seed", "7", "--faults", "; ".join(SLICE)) as chaos:
        assert await chaos.process.wait() == 0, chaos.said

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
    told = figures["audience"]
    assert told["calls of the steady endpoint"] >= figures["transactions"]
    assert told["calls of the unsteady endpoint"] > 0
    assert told["events of the stream"] == figures["events"]
    assert told["cuts of the stream"] > 0
    assert figures["undecided"]["times"] == 1
    assert [proof["verb"] for proof in figures["proofs"] if proof["holds"]] == [
        "verify",
        "verify --replay",
        "rebuild --into",
    ]
    assert figures["events"] >= figures["transactions"] >= figures["calls"]["ok"]
    assert chaos.left_behind("logs") == []


async def test_ctrl_c_stops_everything_and_leaves_nothing_behind(scratch: Path) -> None:
    async with make_chaos(scratch, "--faults", "pause api 60") as chaos:
        await eventually(lambda: "toxiproxy" in chaos.descendants(), START_SECONDS)
        pids = chaos.descendants()

        chaos.process.send_signal(signal.SIGINT)

        assert await chaos.process.wait() == 130, chaos.said
    assert none_lives(pids)
    assert chaos.left_behind("logs") == []
    assert not (scratch / "chaos.json").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--kills", "0"), "KILLS=0 is not a number from 1 up.\n"),
        (
            ("--faults", "kill nobody"),
            "FAULTS: 'kill nobody' is no fault; docs/faults.md lists what there is.\n",
        ),
    ],
)
async def test_a_refusal_names_the_variable_as_the_user_of_make_wrote_it(
    scratch: Path, arguments: tuple[str, ...], told: str
) -> None:
    async with make_chaos(scratch, *arguments) as chaos:
        assert await chaos.process.wait() == 1

    assert chaos.said == told
