"""How many minutes each part of the tests may take, and how many it took.

Tests are never failed for their time: machines are noisy. A part that has outgrown its budget is
seen at the end of `make test`, and is cut, or given more here by somebody who says why.
"""

from collections import defaultdict
from pathlib import PurePosixPath
from typing import Final

import pytest

BUDGET_MINUTES: Final = {
    "architecture": 0.2,
    "unit": 2.3,
    "contracts": 2.3,
    "integration": 4.8,
    "infra_local": 1.3,
    "e2e": 3.4,
    "load": 1.3,
    "bench": 1.7,
    "fuzz": 1.9,
    "simulation": 2.6,
    "chaos": 3.1,
}
"""By folder of `tests/`: less than 25 in all, on two cores that do nothing else."""

_FEW: Final = 2
"""Parts, of which no table is made."""


class Spent:
    """A pytest plugin that adds up what each part takes, fixtures included."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        part = PurePosixPath(report.nodeid).parts[1]
        self._seconds[part] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if len(self._seconds) <= _FEW:
            return
        terminalreporter.section("minutes")
        for part, seconds in sorted(self._seconds.items()):
            minutes, budget = seconds / 60, BUDGET_MINUTES[part]
            beyond = "  more than its budget" if minutes > budget else ""
            terminalreporter.line(f"{part:14}{minutes:6.1f} of {budget:4.1f}{beyond}")
        total = sum(self._seconds.values()) / 60
        terminalreporter.line(f"{'all':14}{total:6.1f} of {sum(BUDGET_MINUTES.values()):4.1f}")
