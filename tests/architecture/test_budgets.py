"""Every part of the tests has its budget of minutes, and all of them fit into one run."""

from pathlib import Path

from tests.budgets import BUDGET_MINUTES

TESTS = Path(__file__).parents[1]


def test_every_part_has_a_budget_and_every_budget_a_part() -> None:
    parts = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/test_*.py")}
    assert parts == BUDGET_MINUTES.keys()


def test_all_of_it_takes_less_than_twenty_five_minutes() -> None:
    assert sum(BUDGET_MINUTES.values()) < 25
