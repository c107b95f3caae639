"""A process kills itself where it was told to, and the one after it lives."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.points import Point
from tests.running_stack import CHECKOUT

PASSES = """
import sys
from pathlib import Path
from tests.chaos.points import Point, Trigger
trigger = Trigger(Path(sys.argv[1]))
for point in (Point.AFTER_FENCE, Point.AFTER_COMMIT) * 3:
    trigger.passed(point)
    print(point, flush=True)
"""


def passing(armed: Path) -> subprocess.CompletedProcess[str]:
    """A process that passes two points, three times each."""
    return subprocess.run(
        [sys.executable, "-c", PASSES, str(armed)],
        check=False,
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
    )


@pytest.mark.parametrize(("times", "points_behind_it"), [(1, 1), (3, 5)])
def test_it_dies_at_that_point_the_nth_time_and_then_no_more(
    tmp_path: Path, times: int, points_behind_it: int
) -> None:
    armed = tmp_path / "armed"
    armed.write_text(f"{Point.AFTER_COMMIT} {times} SIGKILL")
    killed = passing(armed)
    assert killed.returncode == -signal.SIGKILL
    assert len(killed.stdout.splitlines()) == points_behind_it
    assert passing(armed).returncode == 0
