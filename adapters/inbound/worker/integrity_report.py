"""Telling of the books' integrity: an event for each finding, and gauges."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

import structlog

from adapters.metrics.instruments import IntegrityMetrics
from core.entities.finding import Finding
from core.entities.integrity import IntegrityCheck
from core.ports.clock import Clock

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """Tells what is new since it was told last, of the partitions of this process."""

    metrics: IntegrityMetrics
    clock: Clock
    _known: dict[int, IntegrityCheck] = field(default_factory=dict, init=False, repr=False)

    def tell(self, check: IntegrityCheck) -> None:
        """What is known of a partition now."""
        before = self._known.get(check.partition)
        self._known[check.partition] = check
        label = str(check.partition)
        self.metrics.findings.labels(label).set(len(check.findings))
        # Asked for when it is read: it grows old even if nothing is checked any more.
        self.metrics.age_seconds.labels(label).set_function(
            partial(self._age_seconds, check.partition)
        )
        told = () if before is None else before.findings
        for one in check.findings:
            if one not in told:
                _tell_finding(check.partition, one)
        if told and not check.findings:
            _log.info("integrity_restored", partition=check.partition)

    def keep_only(self, partitions: Collection[int]) -> None:
        """Forget the others: another process tells of them."""
        for partition in self._known.keys() - set(partitions):
            del self._known[partition]
            self.metrics.findings.remove(str(partition))
            self.metrics.age_seconds.remove(str(partition))

    def _age_seconds(self, partition: int) -> float:
        check = self._known[partition]
        since = check.finished_at or check.begun_at
        return (self.clock.now() - since).total_seconds()


def _tell_finding(partition: int, one: Finding) -> None:
    _log.error(
        "integrity_broken",
        partition=partition,
        figure=one.figure.value,
        due=one.due,
        found=one.found,
        user_id=None if one.account is None else one.account.user_id,
        currency=None if one.account is None else one.account.currency,
        sequence=one.sequence,
        transaction_id=None if one.transaction_id is None else str(one.transaction_id),
        page_number=one.page_number,
    )
