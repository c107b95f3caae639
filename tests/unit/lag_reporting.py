"""A lag report over a log and books in memory, with workers that say what they are told to."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from adapters.inbound.worker.dead_letter_report import DeadLetterReport
from adapters.inbound.worker.lag_report import LagReport
from adapters.inbound.worker.pool import WorkerPool
from adapters.metrics.instruments import Metrics
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.command_feed import MemoryCommandFeed
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.dead_letters import MemoryDeadLetters
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.log import MemoryLog
from core.entities.page import LedgerState, PageRun
from core.posting.post import post
from tests.builders import PARTITIONS, FixedClock, deposit, letter_of, partition_for, record
from tests.unit.http.world import Breakable

PARTITION = partition_for("alice")
NOTHING_KNOWN = LedgerState({}, {})


@dataclass
class Standing:
    """A worker as the report sees it."""

    partition: int = PARTITION
    next_offset: int | None = None
    published_offset: int | None = None
    oldest_waiting_at: datetime | None = None
    halted: str | None = None


@dataclass
class Standings:
    workers: dict[int, Standing] = field(default_factory=dict)


class Reporting:
    """What a report reads, and the report."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.clock = FixedClock()
        self.log = MemoryLog(PARTITIONS)
        self.command_log = MemoryCommandLog(self.log, self.clock)
        self.books = MemoryBooks()
        self.ledger = MemoryLedger(self.books, self.clock)
        self.feed: Any = Breakable(MemoryCommandFeed(self.log))
        self.reader: Any = Breakable(MemoryLedgerReader(self.books))
        self.letters: Any = Breakable(MemoryDeadLetters(self.books))
        self.pool = Standings()
        pool = cast("WorkerPool", self.pool)
        self._report = LagReport(pool, self.feed, self.reader, self.clock, metrics.posting)
        self._letter_report = DeadLetterReport(pool, self.letters, metrics.posting)

    async def append(self, count: int) -> None:
        for _ in range(count):
            await self.command_log.append(deposit("alice"))

    def worker(self, **standing: Any) -> None:
        """The worker of `PARTITION` from now on."""
        self.pool.workers[PARTITION] = Standing(**standing)

    async def report(self) -> None:
        await self._report.report()

    def condemn(self, count: int) -> None:
        """Have so many dead letters wait in `PARTITION`."""
        letters = tuple(letter_of(record(deposit(), offset)) for offset in range(count))
        run = PageRun(PARTITION, 1, 0, count, b"", 0)
        page = post([], NOTHING_KNOWN)._replace(dead_letters=letters)
        self.books.store(run, page, self.clock.now())

    async def report_letters(self) -> None:
        await self._letter_report.report()

    def told(self, name: str) -> float | None:
        """A gauge of the partition; None if nothing is said of it."""
        return self.metrics.registry.get_sample_value(
            f"counterfoil_partition_{name}", {"partition": str(PARTITION)}
        )

    @property
    def age_seconds(self) -> float | None:
        return self.told("oldest_unposted_record_age_seconds")

    @property
    def lag(self) -> float | None:
        return self.told("lag_records")
