"""What the ledger refuses, and what it leaves open."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.metrics.instruments import PostingMetrics
from core.entities.chain import Chain
from core.entities.command import LoggedCommand
from core.entities.log_position import LogPosition
from core.entities.page import Outcomes, Page, PageRun
from core.entities.page_row import PageRow
from core.errors import CommitUnknownError, FencedError
from core.ports.ledger import Decide, Ledger


@dataclass(frozen=True, slots=True)
class ObservedLedger:
    """A `Ledger` that counts fences hit, commits without an answer, and halts."""

    ledger: Ledger
    metrics: PostingMetrics

    async def take_over(self, partition: int) -> LogPosition:
        """Become the owner of the partition."""
        return await self.ledger.take_over(partition)

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Decide and store the page."""
        with self._counted():
            return await self.ledger.post_page(run, commands, decide)

    async def position(self, partition: int) -> LogPosition:
        """The partition's position."""
        return await self.ledger.position(partition)

    async def chain(self, partition: int) -> Chain:
        """Where the partition's chain stands."""
        return await self.ledger.chain(partition)

    async def adopt_secret(self, partition: int, epoch: int, secret: bytes) -> bool:
        """Make the partition's salts of this secret."""
        with self._counted():
            return await self.ledger.adopt_secret(partition, epoch, secret)

    async def untold_pages(self) -> Sequence[PageRow]:
        """Rows that are not known to be told."""
        return await self.ledger.untold_pages()

    async def known_heads(self, page_numbers: Collection[int]) -> Mapping[int, bytes | None]:
        """The heads of those of the pages that are in the books."""
        return await self.ledger.known_heads(page_numbers)

    async def identify_log(self, partition: int, epoch: int, topic_id: str) -> None:
        """Remember the topic."""
        with self._counted():
            await self.ledger.identify_log(partition, epoch, topic_id)

    async def halt(self, partition: int, epoch: int, reason: str) -> None:
        """Stop posting from the partition."""
        with self._counted():
            await self.ledger.halt(partition, epoch, reason)
        self.metrics.halts.inc()

    async def outcomes(self, partition: int, from_offset: int, to_offset: int) -> Outcomes:
        """What became of a stretch of the log."""
        return await self.ledger.outcomes(partition, from_offset, to_offset)

    async def due_holds(
        self, partitions: Collection[int], at: datetime, limit: int
    ) -> Sequence[UUID]:
        """Open holds whose time is over."""
        return await self.ledger.due_holds(partitions, at, limit)

    async def mark_published(
        self, partition: int, epoch: int, next_offset: int, told_page: int = 0
    ) -> None:
        """Outcomes before `next_offset` are told, and pages up to `told_page`."""
        with self._counted():
            await self.ledger.mark_published(partition, epoch, next_offset, told_page)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except FencedError:
            self.metrics.fences_hit.inc()
            raise
        except CommitUnknownError:
            self.metrics.commits_unknown.inc()
            raise
