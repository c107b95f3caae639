"""The gauges of a partition are true, also while its worker can do nothing."""

import pytest

from adapters.metrics.instruments import Metrics
from core.errors import LedgerUnavailableError, LogUnavailableError
from tests.builders import NOON
from tests.unit.lag_reporting import PARTITION, Reporting


@pytest.fixture
def reporting() -> Reporting:
    return Reporting(Metrics())


async def test_nothing_waits_when_all_is_posted(reporting: Reporting) -> None:
    await reporting.append(5)
    reporting.worker(next_offset=5, published_offset=3)
    reporting.clock.advance(60)
    await reporting.report()
    assert (reporting.lag, reporting.age_seconds) == (0, 0)
    assert reporting.told("unpublished_records") == 2
    assert reporting.told("halted") == 0


async def test_what_is_in_hand_has_its_own_age(reporting: Reporting) -> None:
    await reporting.append(5)
    reporting.worker(next_offset=2, oldest_waiting_at=NOON)
    reporting.clock.advance(7)
    await reporting.report()
    assert (reporting.lag, reporting.age_seconds) == (3, 7)


async def test_what_nobody_has_read_yet_grows_old_all_the_same(reporting: Reporting) -> None:
    await reporting.append(1)
    reporting.clock.advance(30)
    await reporting.append(1)
    reporting.worker(next_offset=1)
    reporting.clock.advance(12)
    await reporting.report()
    assert reporting.age_seconds == 12
    reporting.clock.advance(5)
    await reporting.report()
    assert reporting.age_seconds == 17


async def test_a_page_that_is_dropped_from_the_hand_keeps_its_age(reporting: Reporting) -> None:
    await reporting.append(3)
    reporting.feed.error = LogUnavailableError("away", may_have_been_accepted=False)
    reporting.worker(next_offset=0, oldest_waiting_at=NOON)
    reporting.clock.advance(60)
    await reporting.report()
    reporting.worker(next_offset=0)
    reporting.clock.advance(60)
    await reporting.report()
    assert (reporting.lag, reporting.age_seconds) == (None, 120)


async def test_what_came_since_the_last_look_is_young_and_costs_no_request(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reporting.append(3)
    reporting.worker(next_offset=3)
    await reporting.report()
    await reporting.append(1)

    async def not_asked(*_: object) -> None:
        raise AssertionError("the log was read")

    monkeypatch.setattr(reporting.feed._port, "record_at", not_asked)
    await reporting.report()
    assert (reporting.lag, reporting.age_seconds) == (1, 0)


async def test_without_a_take_over_the_ledger_says_where_the_partition_stands(
    reporting: Reporting,
) -> None:
    await reporting.append(4)
    await reporting.ledger.take_over(PARTITION)
    reporting.worker()
    reporting.clock.advance(9)
    await reporting.report()
    assert (reporting.lag, reporting.age_seconds) == (4, 9)


async def test_what_cannot_be_known_is_not_told(reporting: Reporting) -> None:
    await reporting.append(4)
    reporting.reader.error = LedgerUnavailableError("away")
    reporting.worker(halted="the log has a gap")
    await reporting.report()
    assert (reporting.lag, reporting.age_seconds) == (None, None)
    assert reporting.told("halted") == 1


async def test_a_record_that_the_log_has_lost_has_no_age(reporting: Reporting) -> None:
    await reporting.append(4)
    reporting.log.delete_before(PARTITION, 2)
    reporting.worker(next_offset=1)
    await reporting.report()
    assert (reporting.lag, reporting.age_seconds) == (3, None)


@pytest.mark.parametrize("next_offset", [None, 1])
async def test_a_partition_that_was_given_up_is_told_of_no_more(
    reporting: Reporting, next_offset: int | None
) -> None:
    await reporting.append(4)
    reporting.worker(next_offset=next_offset)
    await reporting.report()
    reporting.pool.workers.clear()
    await reporting.report()
    assert reporting.told("halted") is None
    assert reporting.lag is None
