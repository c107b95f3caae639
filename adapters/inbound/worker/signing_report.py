"""For how long signing has not got on, as a gauge."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from adapters.metrics.instruments import PostingMetrics
from core.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class SigningReport:
    """Tells of the partitions that this process owns, after each look at them."""

    clock: Clock
    metrics: PostingMetrics
    _since: dict[int, datetime] = field(default_factory=dict, init=False, repr=False)

    def tell(self, partition: int, *, has_signed: bool, is_due: bool) -> None:
        """Whether anything was signed now, and whether there is still something to sign."""
        now = self.clock.now()
        if has_signed or not is_due:
            self._since[partition] = now
        waiting = now - self._since.setdefault(partition, now)
        self.metrics.unsigned_seconds.labels(str(partition)).set(waiting.total_seconds())

    def keep_only(self, partitions: Collection[int]) -> None:
        """Forget the others: another process tells of them."""
        for partition in self._since.keys() - set(partitions):
            del self._since[partition]
            self.metrics.unsigned_seconds.remove(str(partition))
