"""Telling outcomes behind the posting worker's back, in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Final, NamedTuple, Self

import structlog

from adapters.background import end
from adapters.inbound.worker.retrying import Attempts, Retries
from core.entities.ownership import Ownership
from core.entities.page import Outcomes
from core.errors import FencedError, LedgerUnavailableError
from core.usecases.record_published import RecordPublished
from core.usecases.tell_pages import ToldPages

MAX_UNTOLD_PAGES: Final = 64
MAX_UNTOLD: Final = 4_000
"""Outcomes. Beyond either the worker waits for its publisher, rather than fill the memory."""
MAX_TOLD_AT_ONCE: Final = 2_000
"""Outcomes, unless one page alone has more."""
IDLE_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


class _Group(NamedTuple):
    next_offset: int
    head: bytes
    outcomes: Outcomes

    @property
    def size(self) -> int:
        return len(self.outcomes.transactions) + len(self.outcomes.dead_letters)


@dataclass(frozen=True, slots=True)
class Telling:
    """The use cases of telling."""

    tell_pages: Callable[[int], Awaitable[ToldPages]]
    publish: Callable[[int, Outcomes], Awaitable[None]]
    record_published: RecordPublished
    retries: Retries = field(default_factory=Retries)


class Publisher:
    """Publishes one partition's outcomes, one group in flight, for one hold on the partition.

    It ends when a page of its own cannot be told any more: the books were put back to before it, or
    its next owner told it.
    """

    def __init__(self, telling: Telling, ownership: Ownership) -> None:
        self._telling = telling
        self._attempts = Attempts(telling.retries)
        self._partition = ownership.partition
        self._epoch = ownership.epoch
        self._groups: deque[_Group] = deque()
        self._untold = 0
        self._changed = asyncio.Condition()
        self._recorded_offset = ownership.published_offset
        self._fenced: FencedError | None = None
        self.told_page = ownership.told_page
        self._task: asyncio.Task[None] | None = None
        self.published_offset = ownership.published_offset

    @property
    def failing(self) -> str | None:
        """What is in the way of telling."""
        return self._attempts.failing

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=f"publisher-{self._partition}")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # What is not told yet, the next owner tells: the ledger knows from where on.
        if self._task is not None:
            await end(self._task)

    async def add(self, next_offset: int, head: bytes, outcomes: Outcomes) -> None:
        """Publish the outcomes of a committed page soon; waits while too many wait already.

        Raises `FencedError` when it has ended.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._fenced or self._has_room())
            if self._fenced is not None:
                raise self._fenced
            group = _Group(next_offset, head, outcomes)
            self._groups.append(group)
            self._untold += group.size
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return len(self._groups) < MAX_UNTOLD_PAGES and self._untold < MAX_UNTOLD

    async def drained(self) -> None:
        """Return once everything that was added is published, and the ledger knows it; or once it
        has ended.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._fenced or not self._groups)
        if self._fenced is None:
            await self._record()

    def record_carried(self, published_offset: int) -> None:
        """A page has carried `published_offset` into the ledger."""
        self._recorded_offset = max(self._recorded_offset, published_offset)

    async def _run(self) -> None:
        while True:
            try:
                await self._publish_next()
            except FencedError as error:
                async with self._changed:
                    self._fenced = error
                    self._changed.notify_all()
                return
            except Exception:  # noqa: BLE001 (a bug here must not silence the partition for ever)
                _log.exception("publishing_failed", partition=self._partition)
                await asyncio.sleep(IDLE_SECONDS)

    async def _publish_next(self) -> None:
        await self._wait_for_groups()
        groups = self._next_groups()
        outcomes = Outcomes(
            [one for group in groups for one in group.outcomes.transactions],
            [one for group in groups for one in group.outcomes.dead_letters],
        )
        # Whoever has lost the books can arrive at every outcome that was told.
        told = await self._attempts.until_available(self._telling.tell_pages, self._partition)
        if groups[-1].head not in told.heads:
            raise FencedError(
                f"the page of partition {self._partition} up to offset {groups[-1].next_offset} is "
                "not in the books, or was told by another worker"
            )
        await self._attempts.until_available(self._telling.publish, self._partition, outcomes)
        async with self._changed:
            for group in groups:
                self._groups.popleft()
                self._untold -= group.size
            self.published_offset = groups[-1].next_offset
            self.told_page = told.last_number
            self._changed.notify_all()

    def _next_groups(self) -> list[_Group]:
        """What is told in one go: bounded, so that a backlog is told in pieces, each for good."""
        groups, count = [self._groups[0]], self._groups[0].size
        for group in islice(self._groups, 1, None):
            count += group.size
            if count > MAX_TOLD_AT_ONCE:
                break
            groups.append(group)
        return groups

    async def _wait_for_groups(self) -> None:
        """Return when there is something to publish; when idle, let the ledger know how far."""
        while True:
            try:
                async with asyncio.timeout(IDLE_SECONDS), self._changed:
                    await self._changed.wait_for(lambda: bool(self._groups))
                    return
            except TimeoutError:
                await self._record()

    async def _record(self) -> None:
        if self._recorded_offset >= self.published_offset:
            return
        offset = self.published_offset
        try:
            await self._telling.record_published(
                self._partition, self._epoch, offset, self.told_page
            )
        except (FencedError, LedgerUnavailableError):
            return  # told twice by the next owner, at worst
        self._recorded_offset = max(self._recorded_offset, offset)
