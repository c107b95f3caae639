"""How far each worker is behind its log, as gauges."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from adapters.background import repeat
from adapters.inbound.worker.pool import WorkerPool
from adapters.inbound.worker.worker import Worker
from adapters.metrics.instruments import PostingMetrics
from core.entities.log_position import LogPosition
from core.errors import UnavailableError
from core.ports.clock import Clock
from core.ports.command_feed import CommandFeed
from core.ports.ledger_reader import LedgerReader

REPORT_SECONDS: Final = 5.0


@dataclass(slots=True)
class _Seen:
    """What the last look at a partition found: its end, and where and when its backlog begins."""

    end_offset: int | None = None
    oldest_offset: int | None = None
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LagReport:
    """Sets the gauges of the partitions that this process owns, again and again.

    The log and the ledger are asked, too: a worker that fails has no record in hand, and one that
    could not take over yet does not know where it stands.
    """

    pool: WorkerPool
    feed: CommandFeed
    reader: LedgerReader
    clock: Clock
    metrics: PostingMetrics
    _seen: dict[int, _Seen] = field(default_factory=dict, init=False, repr=False)

    async def run(self) -> None:
        """Report until cancelled."""
        await repeat(self.report, REPORT_SECONDS, "lag_report_failed")

    async def report(self) -> None:
        """Report once."""
        owned = dict(self.pool.workers)
        self._forget(self._seen.keys() - owned.keys())
        positions = await self._positions(owned.values())
        for worker in owned.values():
            seen = self._seen.setdefault(worker.partition, _Seen())
            await self._report(worker, positions.get(worker.partition), seen)

    async def _report(self, worker: Worker, position: LogPosition | None, seen: _Seen) -> None:
        label = str(worker.partition)
        self.metrics.halted.labels(label).set(worker.halted is not None)
        next_offset = worker.next_offset
        if next_offset is None:
            if position is None:
                return
            next_offset = position.next_offset
        # Read together, before anything is waited for: they belong to one moment.
        waiting_at = worker.oldest_waiting_at
        if worker.published_offset is not None:
            unpublished = max(next_offset - worker.published_offset, 0)
            self.metrics.unpublished.labels(label).set(unpublished)
        end_offset = await self._end_offset(worker.partition)
        if end_offset is not None:
            self.metrics.lag.labels(label).set(max(end_offset - next_offset, 0))
        if waiting_at is not None:
            seen.oldest_offset, seen.oldest_at = next_offset, waiting_at
        age_seconds = await self._age_seconds(worker.partition, next_offset, end_offset, seen)
        if age_seconds is not None:
            self.metrics.oldest_unposted_seconds.labels(label).set(age_seconds)
        seen.end_offset = end_offset

    async def _positions(self, workers: Iterable[Worker]) -> Mapping[int, LogPosition]:
        """Asked for once, however many workers do not know where they stand; not if all do."""
        if all(one.next_offset is not None for one in workers):
            return {}
        try:
            return await self.reader.positions()
        except UnavailableError:
            return {}  # readiness says so

    async def _end_offset(self, partition: int) -> int | None:
        try:
            return (await self.feed.extent(partition)).end_offset
        except UnavailableError:
            return None

    async def _age_seconds(
        self, partition: int, next_offset: int, end_offset: int | None, seen: _Seen
    ) -> float | None:
        """Of the record at `next_offset`; None if that cannot be known now."""
        if seen.oldest_offset != next_offset:
            if end_offset is None:
                return None
            before = end_offset if seen.end_offset is None else seen.end_offset
            # What came since the last look is young, and not worth a request.
            if next_offset >= min(end_offset, before):
                return 0.0
            seen.oldest_at = await self._recorded_at(partition, next_offset)
            seen.oldest_offset = None if seen.oldest_at is None else next_offset
        if seen.oldest_at is None:
            return None
        return max((self.clock.now() - seen.oldest_at).total_seconds(), 0.0)

    async def _recorded_at(self, partition: int, offset: int) -> datetime | None:
        try:
            record = await self.feed.record_at(partition, offset)
        except UnavailableError:
            return None
        return None if record is None else record.recorded_at

    def _forget(self, partitions: Collection[int]) -> None:
        """Another process reports these now; an old figure of ours would be a lie."""
        for partition in list(partitions):
            del self._seen[partition]
            for gauge in (
                self.metrics.halted,
                self.metrics.oldest_unposted_seconds,
                self.metrics.lag,
                self.metrics.unpublished,
            ):
                gauge.remove(str(partition))
