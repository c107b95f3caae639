"""Who checks in the background goes through the partitions at hand, and tells what is off."""

import asyncio
from collections.abc import Mapping
from typing import Any

from structlog.testing import capture_logs

from adapters.background import beside
from adapters.inbound.worker.integrity_report import IntegrityReport
from adapters.inbound.worker.integrity_watch import IntegrityWatch
from adapters.metrics.catalogue import INTEGRITY_AGE_SECONDS, INTEGRITY_FINDINGS
from adapters.metrics.instruments import Metrics
from core.entities.account import user_account
from core.entities.audit import Counts
from core.entities.finding import Figure, Finding
from core.entities.integrity import Cycle, IntegrityCheck
from core.errors import LedgerUnavailableError
from core.usecases.check_integrity import Step
from tests.builders import NOON, FixedClock
from tests.eventually import eventually

OFF = Finding(Figure.BALANCE, "1", "2", user_account("alice", "USD"))


class Owned:
    """A pool that has workers for these partitions."""

    def __init__(self, *partitions: int) -> None:
        self.workers: Mapping[int, object] = dict.fromkeys(partitions)


class Checks:
    """Two slices make a cycle; what is off is set by hand."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, Cycle | None]] = []
        self.findings: list[Finding] = []
        self.error: Exception | None = None

    async def __call__(self, partition: int, cycle: Cycle | None) -> Step:
        self.asked.append((partition, cycle))
        if self.error is not None:
            raise self.error
        check = IntegrityCheck(partition, NOON, NOON, NOON, findings=tuple(self.findings))
        return Step(check, Cycle(NOON) if cycle is None else None, Counts(entries=1))


class Watched:
    def __init__(self, *partitions: int) -> None:
        pool: Any = Owned(*partitions)
        self.pool = pool
        self.checks = Checks()
        self.metrics = Metrics()
        self.clock = FixedClock()
        report = IntegrityReport(self.metrics.integrity, self.clock)
        self.watch = IntegrityWatch(pool, self.checks, report, 10**9, 0.0)

    def told(self, name: str, partition: int) -> float | None:
        return self.metrics.registry.get_sample_value(name, {"partition": str(partition)})


async def test_partitions_are_checked_in_turns_each_as_a_whole() -> None:
    watched = Watched(5, 2)
    async with beside(watched.watch.run(), "watch"):
        await eventually(lambda: len(watched.checks.asked) >= 8)

    partitions = [partition for partition, _ in watched.checks.asked[:8]]
    assert partitions == [2, 2, 5, 5] * 2
    assert [cycle is None for _, cycle in watched.checks.asked[:4]] == [True, False] * 2


async def test_a_finding_is_told_once_and_so_is_its_end() -> None:
    watched = Watched(2)
    watched.checks.findings = [OFF]
    with capture_logs() as events:
        async with beside(watched.watch.run(), "watch"):
            await eventually(lambda: len(watched.checks.asked) >= 6)
            assert watched.told(INTEGRITY_FINDINGS.name, 2) == 1
            watched.checks.findings = []
            await eventually(lambda: watched.told(INTEGRITY_FINDINGS.name, 2) == 0)

    told = [one for one in events if one["event"].startswith("integrity_")]
    assert [(one["event"], one["log_level"]) for one in told] == [
        ("integrity_broken", "error"),
        ("integrity_restored", "info"),
    ]
    assert (told[0]["figure"], told[0]["user_id"]) == ("balance", "alice")
    assert (told[0]["due"], told[0]["found"]) == ("1", "2")


async def test_the_age_of_the_last_check_grows_though_nothing_is_checked_any_more() -> None:
    watched = Watched(2)
    async with beside(watched.watch.run(), "watch"):
        await eventually(lambda: watched.told(INTEGRITY_AGE_SECONDS.name, 2) == 0)

    watched.clock.advance(90)

    assert watched.told(INTEGRITY_AGE_SECONDS.name, 2) == 90


async def test_a_partition_that_is_another_process_s_now_is_told_of_no_more() -> None:
    watched = Watched(2, 5)
    async with beside(watched.watch.run(), "watch"):
        await eventually(lambda: watched.told(INTEGRITY_FINDINGS.name, 5) is not None)
        watched.pool.workers = {2: None}
        await eventually(lambda: watched.told(INTEGRITY_FINDINGS.name, 5) is None)

    assert watched.told(INTEGRITY_FINDINGS.name, 2) == 0


async def test_a_ledger_that_is_away_ends_nothing() -> None:
    watched = Watched(2)
    watched.checks.error = LedgerUnavailableError("away")
    with capture_logs() as events:
        async with beside(watched.watch.run(), "watch"):
            await eventually(lambda: bool(watched.checks.asked))
            await asyncio.sleep(0)

    assert [one["event"] for one in events] == ["integrity_not_checked"]
