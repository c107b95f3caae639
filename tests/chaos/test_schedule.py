"""Schedules can be had again, and leave no kind of fault out."""

from itertools import islice

import pytest

from tests.chaos.faults import TOGETHER
from tests.chaos.points import Point
from tests.chaos.schedule import drawn
from tests.chaos.stack import APPS, SERVERS
from tests.chaos.written import written

ROUNDS = 200


def test_a_seed_gives_the_same_faults_again_and_another_one_gives_others() -> None:
    assert list(islice(drawn(7), ROUNDS)) == list(islice(drawn(7), ROUNDS))
    assert list(islice(drawn(7), ROUNDS)) != list(islice(drawn(8), ROUNDS))


def test_what_was_shown_of_a_fault_gives_it_again() -> None:
    faults = list(islice(drawn(7), ROUNDS))
    assert written("; ".join(map(str, faults))) == faults


def test_every_process_is_killed_and_every_point_is_a_place_to_die() -> None:
    kinds = {kind for fault in islice(drawn(7), ROUNDS) for kind in fault.kind.split(TOGETHER)}
    assert {f"kill {name}" for name in (*APPS, *SERVERS)} <= kinds
    assert {f"kill-at {point}" for point in Point} <= kinds


@pytest.mark.parametrize(
    "text", ["kill nobody", "kill-at nowhere api 1", "pause api", "toxic rain kafka 1", "full-disk"]
)
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no fault|not a valid"):
        written(text)
