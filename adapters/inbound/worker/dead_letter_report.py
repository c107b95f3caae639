"""How many dead letters wait for an operator, as a gauge."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from adapters.background import repeat
from adapters.inbound.worker.pool import WorkerPool
from adapters.metrics.instruments import PostingMetrics
from core.errors import UnavailableError
from core.ports.dead_letters import DeadLetters

REPORT_SECONDS: Final = 15.0
"""Every dead letter that there ever was is looked at."""


@dataclass(frozen=True, slots=True)
class DeadLetterReport:
    """Sets the gauge of the partitions that this process owns, again and again."""

    pool: WorkerPool
    letters: DeadLetters
    metrics: PostingMetrics
    _told: set[int] = field(default_factory=set, init=False, repr=False)

    async def run(self) -> None:
        """Report until cancelled."""
        await repeat(self.report, REPORT_SECONDS, "dead_letter_report_failed")

    async def report(self) -> None:
        """Report once. What cannot be known now is told no more."""
        try:
            held = await self.letters.held()
        except UnavailableError:
            self._forget(set(self._told))
            return
        owned = set(self.pool.workers)
        self._forget(self._told - owned)
        for partition in owned:
            self.metrics.dead_letters_held.labels(str(partition)).set(held.get(partition, 0))
        self._told.update(owned)

    def _forget(self, partitions: Collection[int]) -> None:
        for partition in partitions:
            self._told.discard(partition)
            self.metrics.dead_letters_held.remove(str(partition))
