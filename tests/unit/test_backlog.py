"""What waits is limited, and who is refused is told when there will be room."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import structlog

from adapters.background import beside
from adapters.backlog import LONGEST_RETRY_SECONDS, Backlog
from adapters.backlog_watch import LOOK_SECONDS, BacklogWatch
from adapters.limited_log import LimitedCommandLog
from adapters.metrics.instruments import Metrics
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.log import MemoryLog
from adapters.pace import WINDOW_SECONDS, Pace
from core.errors import LedgerUnavailableError, LogUnavailableError, PipelineFullError
from tests.builders import PARTITIONS, FixedClock, deposit, partition_for
from tests.eventually import eventually
from tests.unit.http.world import Breakable

LIMIT = 1_000
LOW = 900


class Monotonic:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
def backlog(monotonic: Monotonic) -> Backlog:
    return Backlog(2, LIMIT, monotonic)


def refusal(backlog: Backlog, partition: int = 0) -> PipelineFullError:
    with pytest.raises(PipelineFullError) as refused:
        backlog.ensure_room([partition])
    return refused.value


def test_there_is_room_below_the_limit_and_none_at_it(backlog: Backlog) -> None:
    backlog.posted_up_to({0: 50})
    backlog.log_ends_at([50 + LIMIT - 1, 0])
    backlog.ensure_room([0, 1])
    backlog.log_ends_at([50 + LIMIT, 0])
    assert "partition 0 lags by 1,000" in str(refusal(backlog))
    assert not refusal(backlog).may_have_been_accepted


def test_one_full_partition_closes_no_other_but_what_goes_to_both(backlog: Backlog) -> None:
    backlog.posted_up_to({})
    backlog.log_ends_at([LIMIT, 0])
    backlog.ensure_room([1])
    with pytest.raises(PipelineFullError):
        backlog.ensure_room([0, 1])


def test_what_is_full_stays_so_until_the_low_mark(backlog: Backlog) -> None:
    backlog.posted_up_to({0: 0})
    backlog.log_ends_at([LIMIT, 0])
    backlog.posted_up_to({0: LIMIT - LOW - 1})
    refusal(backlog)
    backlog.posted_up_to({0: LIMIT - LOW})
    backlog.ensure_room([0])


def test_nothing_known_of_posting_is_no_reason_to_refuse(backlog: Backlog) -> None:
    backlog.log_ends_at([10 * LIMIT, 0])
    backlog.ensure_room([0])
    backlog.posted_up_to({})
    refusal(backlog)


@pytest.mark.parametrize(
    ("posted_per_second", "seconds"), [(1_000, 1), (100, 3), (10, LONGEST_RETRY_SECONDS)]
)
def test_who_is_refused_is_told_when_there_is_room_by_the_pace_of_posting(
    backlog: Backlog, monotonic: Monotonic, posted_per_second: int, seconds: int
) -> None:
    for second in range(6):
        monotonic.now += 1
        backlog.posted_up_to({0: second * posted_per_second})
    backlog.log_ends_at([5 * posted_per_second + LIMIT + 200, 0])
    assert refusal(backlog).retry_after_seconds == seconds


def test_a_ledger_that_does_not_move_any_more_is_noticed(
    backlog: Backlog, monotonic: Monotonic
) -> None:
    for second in range(6):
        monotonic.now += 1
        backlog.posted_up_to({0: second * 1_000})
    backlog.log_ends_at([5_000 + LIMIT, 0])
    assert refusal(backlog).retry_after_seconds == 1
    monotonic.now += 2 * WINDOW_SECONDS
    assert refusal(backlog).retry_after_seconds == LONGEST_RETRY_SECONDS


def test_a_pace_is_an_average_over_its_window() -> None:
    pace = Pace()
    assert pace.per_second(0.0) == 0
    for second in range(20):
        pace.note(second * 10 if second < 10 else 100 + (second - 10) * 50, second)
    assert pace.per_second(19.0) == pytest.approx(46, abs=5)
    assert pace.per_second(19.0 + 2 * WINDOW_SECONDS) == 0


def test_a_pace_keeps_few_notes_however_often_it_is_told() -> None:
    pace = Pace()
    for number in range(100_000):
        pace.note(number, number / 10_000)
    assert len(pace._noted) <= 41
    assert pace.per_second(9.75) == pytest.approx(10_000, rel=0.01)


def test_a_count_that_was_set_back_is_no_pace() -> None:
    pace = Pace()
    pace.note(1_000, 0.0)
    pace.note(0, 1.0)
    assert pace.seconds_for(1, 1.0, 30) == 30


class Counted(Breakable):
    """Counts the calls that failed."""

    def __init__(self, port: Any) -> None:
        super().__init__(port)
        self.failed = 0

    async def _raise(self, *arguments: object) -> None:
        self.failed += 1
        await super()._raise(*arguments)


class Watched:
    """A log and books behind a watch."""

    def __init__(self) -> None:
        self.memory = MemoryLog(PARTITIONS)
        self.books = MemoryBooks()
        self.log: Any = Counted(MemoryCommandLog(self.memory, FixedClock()))
        self.reader: Any = Counted(MemoryLedgerReader(self.books))
        self.backlog = Backlog(PARTITIONS, 10)
        self.metrics = Metrics()
        self.limited = LimitedCommandLog(self.log, self.backlog)

    def watching(self) -> AbstractAsyncContextManager[None]:
        watch = BacklogWatch(self.backlog, self.log, self.reader, self.metrics.accepting)
        return beside(watch.run(), "backlog-watch")


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setattr("adapters.backlog_watch.LOOK_SECONDS", LOOK_SECONDS / 100)
    return Watched()


async def test_a_log_that_outgrows_the_limit_is_closed_for_that_partition_alone(
    watched: Watched,
) -> None:
    other = next(f"u{n}" for n in range(99) if partition_for(f"u{n}") != partition_for("alice"))
    async with watched.watching():
        await watched.limited.append_all([deposit("alice") for _ in range(10)])
        await eventually(lambda: bool(watched.backlog.full))
        with pytest.raises(PipelineFullError):
            await watched.limited.append(deposit("alice"))
        await watched.limited.append(deposit(other))
        with pytest.raises(PipelineFullError):
            await watched.limited.append_all([deposit(other), deposit("alice")])
    ends = sum(watched.memory.extent(number).end_offset for number in range(PARTITIONS))
    assert ends == 11


async def test_figures_stand_while_who_gives_them_is_away(watched: Watched) -> None:
    async with watched.watching():
        await eventually(lambda: _is_known(watched.backlog))
        watched.reader.error = LedgerUnavailableError("away")
        await watched.limited.append_all([deposit("alice") for _ in range(10)])
        await eventually(lambda: bool(watched.backlog.full))
        watched.log.error = LogUnavailableError("away", may_have_been_accepted=False)
        await eventually(lambda: watched.log.failed > 20 and watched.reader.failed > 2)
        assert watched.backlog.full == {partition_for("alice")}


async def test_a_bug_in_one_look_does_not_end_the_watch(watched: Watched) -> None:
    watched.log.error = ZeroDivisionError()
    async with watched.watching():
        with structlog.testing.capture_logs() as logs:
            await eventually(lambda: len(logs) > 1)
        assert {one["event"] for one in logs} == {"backlog_watch_failed"}
        watched.log.error = None
        await watched.limited.append_all([deposit("alice") for _ in range(10)])
        await eventually(lambda: bool(watched.backlog.full))


def _is_known(backlog: Backlog) -> bool:
    return all(one.next_offset is not None for one in backlog._partitions)
