"""How far each worker is behind its log, as gauges."""

import asyncio
from dataclasses import dataclass
from typing import Final

from adapters.inbound.worker.pool import WorkerPool
from adapters.inbound.worker.worker import Worker
from adapters.metrics import PostingMetrics
from core.errors import UnavailableError
from core.ports.clock import Clock
from core.ports.command_feed import CommandFeed

REPORT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class LagReport:
    """Sets the gauges of the partitions that this process owns, again and again."""

    pool: WorkerPool
    feed: CommandFeed
    clock: Clock
    metrics: PostingMetrics

    async def run(self) -> None:
        """Report until cancelled."""
        reported: set[int] = set()
        while True:
            owned = dict(self.pool.workers)
            self._forget(reported - owned.keys())
            for worker in owned.values():
                await self._report(worker)
            reported = set(owned)
            await asyncio.sleep(REPORT_SECONDS)

    async def _report(self, worker: Worker) -> None:
        label = str(worker.partition)
        self.metrics.halted.labels(label).set(worker.halted is not None)
        waiting_at = worker.oldest_waiting_at
        age = (self.clock.now() - waiting_at).total_seconds() if waiting_at else 0.0
        self.metrics.oldest_unposted_seconds.labels(label).set(max(age, 0.0))
        if worker.next_offset is None:
            return
        try:
            extent = await self.feed.extent(worker.partition)
        except UnavailableError:
            return  # readiness says so
        self.metrics.lag.labels(label).set(max(extent.end_offset - worker.next_offset, 0))

    def _forget(self, partitions: set[int]) -> None:
        """Another process reports these now; an old figure of ours would be a lie."""
        for partition in partitions:
            for gauge in (
                self.metrics.halted,
                self.metrics.oldest_unposted_seconds,
                self.metrics.lag,
            ):
                gauge.remove(str(partition))
