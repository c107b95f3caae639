"""One worker: posts one partition for as long as it owns it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import structlog

from adapters.background import end
from adapters.inbound.worker.publisher import Publisher, Telling
from adapters.inbound.worker.retrying import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    Attempts,
    Retries,
)
from core.entities.ownership import Ownership
from core.entities.page import Outcomes
from core.entities.record import Record
from core.errors import FencedError, HaltError, PutBackError, UnavailableError
from core.ports.command_feed import CommandFeed, RecordReader
from core.usecases.check_ownership import CheckOwnership
from core.usecases.halt_partition import HaltPartition
from core.usecases.post_page import Posted
from core.usecases.read_halt import ReadHalt
from core.usecases.take_over import TakenOver, TakeOver

FENCED_WAIT_SECONDS: Final = 5.0
"""After losing a partition to another worker: longer than a group takes to notice a member that
was away, so that a zombie does not take it back from the rightful owner."""
HALT_POLL_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 5.0
"""After so long without a record a worker looks whether its books are as it left them."""
MAX_HEADS_REMEMBERED: Final = 1_024
"""Of the last pages; more than a partition posts between two signatures."""

PostPageCall = Callable[[Ownership, Sequence[Record]], Awaitable[Posted]]
"""`PostPage`, or something around it."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How much is read at once, and how long a stop may take."""

    max_page_records: int
    max_page_bytes: int
    drain_seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does, whichever its partition."""

    feed: CommandFeed
    restore: Callable[[int], Awaitable[bool]]
    take_over: TakeOver
    post_page: PostPageCall
    check_ownership: CheckOwnership
    read_halt: ReadHalt
    halt_partition: HaltPartition
    telling: Telling
    limits: WorkerLimits
    retries: Retries = field(default_factory=Retries)


class Worker:
    """Posts the records of one partition, page after page.

    `halted` is the sentence that says why it does not until an operator decides,
    `oldest_waiting_at` the time of the oldest record that it has read and not posted,
    `next_offset` the first one not posted, `take_overs` how often it took its partition over (books
    that were put back give epochs again), `heads` where it saw the chain stand, by the offset after
    each of its last pages.
    """

    def __init__(self, partition: int, work: Work) -> None:
        self.partition = partition
        self.halted: str | None = None
        self.oldest_waiting_at: datetime | None = None
        self.next_offset: int | None = None
        self.take_overs = 0
        self.heads: dict[int, bytes] = {}
        self._work = work
        self._page_in_hand = asyncio.Lock()
        self._publisher: Publisher | None = None
        self._task: asyncio.Task[None] | None = None
        self._pause_seconds = FIRST_WAIT_SECONDS
        self._attempts = Attempts(work.retries)
        self._log = _log.bind(partition=partition)

    @property
    def failing(self) -> str | None:
        """What is in the way of posting, and was not overcome yet."""
        return self._attempts.failing

    @property
    def silenced(self) -> str | None:
        """What is in the way of telling the outcomes of what is posted."""
        return None if self._publisher is None else self._publisher.failing

    @property
    def published_offset(self) -> int | None:
        """The first offset whose outcome is not published; None while nothing is posted."""
        return None if self._publisher is None else self._publisher.published_offset

    def start(self) -> None:
        """Begin; returns at once."""
        self._task = asyncio.create_task(self._run(), name=f"worker-{self.partition}")

    async def stop(self) -> None:
        """Finish the page in hand and what it has to tell, within the drain limit; then stop."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(self._work.limits.drain_seconds):
                # Whoever holds the lock keeps the worker from beginning another page.
                await self._page_in_hand.acquire()
                if self._publisher is not None:
                    await self._publisher.drained()
        except TimeoutError:
            self._log.warning("worker_drain_timed_out")
        await end(self._task)

    async def _run(self) -> None:
        while True:
            pause_seconds = await self._own()
            await asyncio.sleep(pause_seconds)

    async def _own(self) -> float:
        """Take the partition over and post until something ends it; seconds until the next try."""
        try:
            await self._post_from(*await self._take_over())
        except PutBackError as error:
            self._work.retries.told(error)
            self._log.warning("partition_looked_at_anew", reason=str(error))
        except FencedError as error:
            self._work.retries.told(error)
            self._log.warning("partition_lost_to_another_worker", reason=str(error))
            return FENCED_WAIT_SECONDS
        except HaltError as error:
            await self._wait_out_halt(str(error))
        except UnavailableError as error:
            self._work.retries.told(error)
            # Taking over again compares the log with what was posted from it.
            self._log.warning("partition_unavailable", reason=str(error))
            return self._growing_pause(str(error))
        except Exception as error:  # noqa: BLE001 (a bug: nor is the record condemned for it)
            self._work.retries.told(error)
            self._log.exception("worker_failed")
            self._attempts.failing = f"{type(error).__name__}: {error}"
            return LONGEST_WAIT_SECONDS
        return FIRST_WAIT_SECONDS

    def _overcome(self) -> None:
        self._pause_seconds, self._attempts.failing = FIRST_WAIT_SECONDS, None

    def _growing_pause(self, reason: str) -> float:
        self._attempts.failing = reason
        # Doubled step by step: a power of the failures of a long outage would overflow.
        self._pause_seconds = min(self._pause_seconds * 2, LONGEST_WAIT_SECONDS)
        return self._pause_seconds

    async def _take_over(self) -> TakenOver:
        taken = await self._attempts.until_available(self._work.take_over, self.partition)
        # After it: if the books are put back after this look, the epoch shows it.
        while await self._attempts.until_available(self._work.restore, self.partition):
            taken = await self._attempts.until_available(self._work.take_over, self.partition)
        self._log.info(
            "partition_taken_over",
            epoch=taken.ownership.epoch,
            next_offset=taken.ownership.next_offset,
            lag=taken.lag,
        )
        return taken

    async def _post_from(self, ownership: Ownership, lag: int) -> None:
        self.heads.clear()
        self.take_overs += 1
        self._stands_at(ownership)
        async with (
            self._work.feed.reader(
                self.partition, ownership.next_offset, ownership.topic_id
            ) as reader,
            Publisher(self._work.telling, ownership) as publisher,
        ):
            self._publisher = publisher
            if lag == 0:
                # Log and ledger answered, and there is no page to say more.
                self._overcome()
            try:
                await self._post_all(ownership, reader, publisher)
            except HaltError:
                # Whoever ends the halt may go back; what is posted now is told once, now.
                await self._drain(publisher)
                raise
            finally:
                self._publisher = None
                self.oldest_waiting_at = None

    async def _post_all(
        self, ownership: Ownership, reader: RecordReader, publisher: Publisher
    ) -> None:
        while True:
            records = await self._read(reader, ownership)
            while records:
                self.oldest_waiting_at = records[0].recorded_at
                posted = await self._attempts.until_available(
                    self._post, ownership, records, publisher
                )
                self._overcome()
                records = records[posted.record_count :]
                ownership = posted.ownership
                self._stands_at(ownership)
            self.oldest_waiting_at = None
            await self._work.feed.advise(self.partition, ownership.next_offset)

    def _stands_at(self, ownership: Ownership) -> None:
        self.next_offset = ownership.next_offset
        self.heads[ownership.next_offset] = ownership.chain.head
        if len(self.heads) > MAX_HEADS_REMEMBERED:
            del self.heads[next(iter(self.heads))]

    async def _read(self, reader: RecordReader, ownership: Ownership) -> Sequence[Record]:
        limits = self._work.limits
        try:
            while True:
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        return await reader.read(limits.max_page_records, limits.max_page_bytes)
                except TimeoutError:
                    await self._attempts.until_available(self._work.check_ownership, ownership)
        except HaltError as error:
            await self._attempts.until_available(self._work.halt_partition, ownership, str(error))
            raise

    async def _drain(self, publisher: Publisher) -> None:
        try:
            async with asyncio.timeout(self._work.limits.drain_seconds):
                await publisher.drained()
        except TimeoutError:
            self._log.warning("outcomes_left_to_be_told")

    async def _post(
        self, ownership: Ownership, records: Sequence[Record], publisher: Publisher
    ) -> Posted:
        async with self._page_in_hand:
            current = replace(
                ownership,
                published_offset=publisher.published_offset,
                told_page=publisher.told_page,
            )
            posted = await self._work.post_page(current, records)
            publisher.record_carried(current.published_offset)
            outcomes = Outcomes(posted.page.transactions, posted.page.dead_letters)
            after = posted.ownership
            await publisher.add(after.next_offset, after.chain.head, outcomes)
            return posted

    async def _wait_out_halt(self, reason: str) -> None:
        self.halted = reason
        self._log.error("partition_halted", reason=reason)
        # To take over again is to find out what became of books that were put back.
        with suppress(FencedError):
            while await self._is_halted():  # noqa: ASYNC110 (the ledger is polled)
                await asyncio.sleep(HALT_POLL_SECONDS)
        self.halted = None

    async def _is_halted(self) -> bool:
        return (
            await self._attempts.until_available(self._work.read_halt, self.partition) is not None
        )
