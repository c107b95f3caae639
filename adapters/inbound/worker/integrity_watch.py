"""Checking the books of the partitions at hand in turns, again and again, without haste."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from adapters.inbound.worker.integrity_report import IntegrityReport
from adapters.inbound.worker.pool import WorkerPool
from core.entities.integrity import Cycle
from core.errors import UnavailableError
from core.usecases.check_integrity import Step

SHORTEST_ROUND_SECONDS: Final = 10.0
"""Small books are not gone through all the time."""
NOTHING_SECONDS: Final = 1.0
"""Until the next look for partitions of a process that has none."""
AWAY_SECONDS: Final = 5.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IntegrityWatch:
    """Goes through the accounts and holds of this process's partitions, one after the other, at no
    more than `rows_per_second`: entries, accounts and holds together.
    """

    pool: WorkerPool
    check: Callable[[int, Cycle | None], Awaitable[Step]]
    report: IntegrityReport
    rows_per_second: int
    shortest_round_seconds: float = SHORTEST_ROUND_SECONDS

    async def run(self) -> None:
        """Check until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            has_any = bool(self.pool.workers)
            ends_at = clock() + (self.shortest_round_seconds if has_any else NOTHING_SECONDS)
            self.report.keep_only(self.pool.workers.keys())
            for partition in sorted(self.pool.workers):
                await self._cycle(partition)
            await asyncio.sleep(max(ends_at - clock(), 0.0))

    async def _cycle(self, partition: int) -> None:
        cycle: Cycle | None = None
        while partition in self.pool.workers:
            try:
                step = await self.check(partition, cycle)
            except UnavailableError as error:
                _log.warning("integrity_not_checked", partition=partition, reason=str(error))
                await asyncio.sleep(AWAY_SECONDS)
                continue
            except Exception:  # noqa: BLE001 (a bug of one partition must not hide the others)
                _log.exception("integrity_check_failed", partition=partition)
                await asyncio.sleep(AWAY_SECONDS)
                return
            self.report.tell(step.check)
            await asyncio.sleep(sum(step.counts) / self.rows_per_second)
            if step.cycle is None:
                return
            cycle = step.cycle
