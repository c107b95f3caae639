"""The gauge of dead letters that are held is true, or not there."""

import pytest

from adapters.metrics.instruments import Metrics
from core.errors import LedgerUnavailableError
from tests.unit.lag_reporting import Reporting


@pytest.fixture
def reporting() -> Reporting:
    return Reporting(Metrics())


def held(reporting: Reporting) -> float | None:
    return reporting.told("dead_letters_held")


async def test_what_waits_in_a_partition_of_ours_is_counted(reporting: Reporting) -> None:
    reporting.worker()
    await reporting.report_letters()
    assert held(reporting) == 0
    reporting.condemn(2)
    await reporting.report_letters()
    assert held(reporting) == 2


async def test_a_partition_of_somebody_else_is_not_told_of(reporting: Reporting) -> None:
    reporting.condemn(2)
    await reporting.report_letters()
    assert held(reporting) is None
    reporting.worker()
    await reporting.report_letters()
    reporting.pool.workers.clear()
    await reporting.report_letters()
    assert held(reporting) is None


async def test_what_cannot_be_known_is_not_told(reporting: Reporting) -> None:
    reporting.worker()
    await reporting.report_letters()
    reporting.letters.error = LedgerUnavailableError("away")
    await reporting.report_letters()
    assert held(reporting) is None
