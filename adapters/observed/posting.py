"""How pages are posted and published."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from adapters.metrics.instruments import PostingMetrics
from core.entities.ownership import Ownership
from core.entities.page import Outcomes, Page
from core.entities.record import Record
from core.errors import EventsUnavailableError
from core.ports.clock import Clock
from core.usecases.post_page import Posted

MAX_REQUEST_IDS_LOGGED: Final = 20
"""A page in a flood is logged by its size; one in a trickle names every request in it."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ObservedPostPage:
    """One log event and a handful of metrics for each page."""

    post_page: Callable[[Ownership, Sequence[Record]], Awaitable[Posted]]
    metrics: PostingMetrics
    clock: Clock

    async def __call__(self, ownership: Ownership, records: Sequence[Record]) -> Posted:
        """Post the page, and tell how it went."""
        started = time.perf_counter()
        posted = await self.post_page(ownership, records)
        self._measure(posted, time.perf_counter() - started)
        waited = self.clock.now() - records[0].recorded_at
        self.metrics.accepted_to_posted_seconds.observe(max(waited.total_seconds(), 0.0))
        self._tell(ownership, posted)
        return posted

    def _measure(self, posted: Posted, seconds: float) -> None:
        page, metrics = posted.page, self.metrics
        metrics.pages.inc()
        metrics.records.inc(posted.record_count)
        metrics.page_records.observe(posted.record_count)
        metrics.page_seconds.observe(seconds)
        metrics.repeats.inc(page.repeats)
        metrics.conflicts.inc(page.conflicts)
        metrics.moot.inc(page.moot)
        rejected = _rejected(page)
        metrics.transactions.labels("posted").inc(len(page.transactions) - rejected)
        metrics.transactions.labels("rejected").inc(rejected)
        for letter in page.dead_letters:
            metrics.dead_letters.labels(letter.reason.value).inc()

    def _tell(self, ownership: Ownership, posted: Posted) -> None:
        page = posted.page
        request_ids = [one.command.request_id for one in page.transactions[:MAX_REQUEST_IDS_LOGGED]]
        _log.info(
            "page_posted",
            partition=ownership.partition,
            first_offset=ownership.next_offset,
            records=posted.record_count,
            transactions=len(page.transactions),
            repeats=page.repeats,
            conflicts=page.conflicts,
            request_ids=request_ids,
        )
        for letter in page.dead_letters:
            _log.error(
                "record_condemned",
                position=str(letter.record.position),
                reason=letter.reason.value,
                detail=letter.detail,
            )


@dataclass(frozen=True, slots=True)
class ObservedPublish:
    """Counts the attempts to publish that failed."""

    publish: Callable[[int, Outcomes], Awaitable[None]]
    metrics: PostingMetrics

    async def __call__(self, partition: int, outcomes: Outcomes) -> None:
        """Publish, and count it if that fails."""
        try:
            await self.publish(partition, outcomes)
        except EventsUnavailableError:
            self.metrics.publish_failures.inc()
            raise


def _rejected(page: Page) -> int:
    return sum(1 for one in page.transactions if one.rejection is not None)
