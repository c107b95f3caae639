"""The pool posts what it is given, once, in order, through whatever goes wrong on the way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, replace

import pytest

from adapters import background
from adapters.inbound.worker import publisher as publisher_module
from adapters.inbound.worker import worker as worker_module
from adapters.inbound.worker.page_teller import PageTeller
from adapters.inbound.worker.pool import WorkerPool
from adapters.inbound.worker.publisher import Telling
from adapters.inbound.worker.retrying import Retries
from adapters.inbound.worker.worker import Work, WorkerLimits
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.command_feed import MemoryCommandFeed
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outbound.memory.events import MemoryEvents
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.log import MemoryLog
from adapters.outbound.memory.pages import MemoryPages
from adapters.outbound.memory.partitions import MemoryPartitions
from core.entities.account import user_account
from core.entities.chain import GENESIS
from core.entities.command import LoggedCommand
from core.entities.log_position import LogPosition
from core.entities.page import Outcomes, Page, PageRun
from core.entities.record import Record
from core.errors import (
    EventsUnavailableError,
    FencedError,
    HaltError,
    LedgerUnavailableError,
    LogUnavailableError,
    PutBackError,
)
from core.ports.command_feed import RecordReader
from core.ports.events import Events
from core.ports.ledger import Decide, Ledger
from core.usecases.check_ownership import CheckOwnership
from core.usecases.halt_partition import HaltPartition
from core.usecases.post_page import PageLimits, PostPage
from core.usecases.publish_outcomes import PublishOutcomes
from core.usecases.read_halt import ReadHalt
from core.usecases.record_published import RecordPublished
from core.usecases.reposting import Books
from core.usecases.resume_partition import ResumePartition
from core.usecases.take_over import TakenOver, TakeOver
from core.usecases.tell_pages import TellPages
from tests.builders import NOON, PARTITIONS, REPRESENTATIONS, FixedClock, deposit, partition_for
from tests.eventually import eventually
from tests.restoring import restoring

USERS = [f"user{number}" for number in range(20)]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "FENCED_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(worker_module, "HALT_POLL_SECONDS", 0.01)


class System:
    """A log, books, and what stands between them."""

    def __init__(self, ledger: Ledger | None = None, events: Events | None = None) -> None:
        clock = FixedClock()
        self.drain_seconds = 5.0
        self.setbacks: list[Exception] = []
        self.books = MemoryBooks()
        self.log = MemoryLog(PARTITIONS)
        self.command_log = MemoryCommandLog(self.log, clock)
        self.feed = MemoryCommandFeed(self.log)
        self.ledger = ledger or MemoryLedger(self.books, clock)
        if isinstance(ledger, Moody):
            self.books = ledger.memory
        self.told = MemoryEvents(MemoryEventLog(PARTITIONS, clock), REPRESENTATIONS)
        self.events = events or self.told
        self.partitions = MemoryPartitions(self.books, clock)
        self.pages = MemoryPages()
        self.resume = ResumePartition(self.partitions, self.feed, self.pages)

    def work(self) -> Work:
        tell_pages = PageTeller(TellPages(self.ledger, self.pages))
        publish = PublishOutcomes(self.events)
        retries = Retries(self.setbacks.append)
        return Work(
            feed=self.feed,
            restore=restoring(
                Books(self.ledger, self.partitions), self.pages, self.feed, PARTITIONS
            ),
            take_over=TakeOver(self.ledger, self.feed, tell_pages, publish),
            post_page=PostPage(self.ledger, PageLimits(10, 100, 3), PARTITIONS),
            check_ownership=CheckOwnership(self.ledger),
            read_halt=ReadHalt(self.ledger),
            halt_partition=HaltPartition(self.ledger),
            telling=Telling(tell_pages, publish, RecordPublished(self.ledger), retries),
            limits=WorkerLimits(
                max_page_records=10, max_page_bytes=1 << 20, drain_seconds=self.drain_seconds
            ),
            retries=retries,
        )

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[WorkerPool]:
        pool = WorkerPool(self.work())
        async with self.feed.membership(pool):
            yield pool

    async def deposits(self, count: int, amount: int = 1) -> None:
        for number in range(count):
            await self.command_log.append(deposit(USERS[number % len(USERS)], amount))

    def posted(self) -> int:
        return len(self.books.transactions)

    def recorded_as_told(self) -> int:
        return sum(one.published_offset for one in self.books.positions.values())

    def told_ids(self) -> list[str]:
        return [
            str(one.command.transaction_id)
            for _, outcomes in self.told.published
            for one in outcomes.transactions
        ]


class Moody(MemoryLedger):
    """A ledger that refuses at first, as many times as it is told to."""

    def __init__(self, refusals: int) -> None:
        self.memory = MemoryBooks()
        super().__init__(self.memory, FixedClock())
        self.refusals = refusals

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        if self.refusals > 0:
            self.refusals -= 1
            raise LedgerUnavailableError("permission denied for table entry")
        return await super().post_page(run, commands, decide)


class PutBack(Moody):
    """A ledger whose books are put back to their beginning right before a partition that has pages
    is taken over, once that is wanted.
    """

    is_due = False

    async def take_over(self, partition: int) -> LogPosition:
        if self.is_due and any(one.run.partition == partition for one in self.memory.pages):
            self.is_due = False
            for one in fields(MemoryBooks):
                setattr(self.memory, one.name, getattr(MemoryBooks(), one.name))
        return await super().take_over(partition)


class DeafEvents(MemoryEvents):
    """Nobody listens, until somebody does."""

    def __init__(self) -> None:
        super().__init__(MemoryEventLog(PARTITIONS, FixedClock()), REPRESENTATIONS)
        self.deaf = True

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        if self.deaf:
            raise EventsUnavailableError("away")
        await super().publish(partition, outcomes)


class AwayFeed(MemoryCommandFeed):
    """A log that cannot be read, until it can."""

    away = True

    @asynccontextmanager
    async def reader(
        self, partition: int, from_offset: int, topic_id: str
    ) -> AsyncIterator[RecordReader]:
        if self.away:
            raise LogUnavailableError("no route to Kafka", may_have_been_accepted=False)
        async with super().reader(partition, from_offset, topic_id) as reader:
            yield reader


async def test_a_worker_remembers_where_it_saw_its_chain_stand() -> None:
    system = System()
    await system.deposits(30)
    async with system.pool() as pool:
        await eventually(lambda: system.posted() == 30)
        heads = {number: dict(worker.heads) for number, worker in pool.workers.items()}
    for number, seen in heads.items():
        pages = system.books.pages_by_partition.get(number, [])
        stored = {one.run.next_offset: one.page.head for one in pages}
        assert seen == {0: GENESIS, **stored}


async def test_a_worker_remembers_the_heads_of_its_last_pages_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_module, "MAX_HEADS_REMEMBERED", 1)
    system = System()
    await system.deposits(60)
    async with system.pool() as pool:
        await eventually(lambda: system.posted() == 60)
        seen = {number: list(worker.heads) for number, worker in pool.workers.items()}
    ends = {number: [one.next_offset] for number, one in system.books.positions.items()}
    assert seen == ends


async def test_everything_that_waits_is_posted_once_and_told_once_in_order() -> None:
    system = System()
    await system.deposits(200)
    async with system.pool():
        await system.deposits(100)
        await eventually(lambda: system.posted() == 300)
        await eventually(lambda: len(system.told_ids()) == 300)
    assert len(set(system.told_ids())) == 300
    for partition in range(PARTITIONS):
        offsets = [
            one.position.offset
            for number, outcomes in system.told.published
            for one in outcomes.transactions
            if number == partition
        ]
        assert offsets == sorted(offsets)


async def test_two_pools_share_the_partitions_and_post_everything_once() -> None:
    system = System()
    async with system.pool() as first:
        await system.deposits(50)
        async with system.pool() as second:
            assert set(first.workers) | set(second.workers) == set(range(PARTITIONS))
            assert not set(first.workers) & set(second.workers)
            await system.deposits(50)
            await eventually(lambda: system.posted() == 100)
        assert set(first.workers) == set(range(PARTITIONS))
        await system.deposits(50)
        await eventually(lambda: system.posted() == 150)
    assert sum(one.balance for one in system.books.accounts.values()) == 0


async def test_a_ledger_that_refuses_condemns_no_record() -> None:
    ledger = Moody(refusals=3)
    system = System(ledger)
    await system.command_log.append(deposit("alice", 5))
    async with system.pool():
        await eventually(lambda: system.posted() == 1)
    assert system.books.dead_letters == []
    assert ledger.refusals == 0
    assert [type(one) for one in system.setbacks] == [LedgerUnavailableError] * 3


async def test_a_zombie_that_comes_back_leaves_the_money_alone() -> None:
    system = System()
    partition = partition_for("alice")
    async with system.pool():
        await system.command_log.append(deposit("alice", 5))
        await eventually(lambda: system.posted() == 1)
        await system.ledger.take_over(partition)
        await system.command_log.append(deposit("alice", 5))
        await eventually(lambda: system.posted() == 2)
    assert system.books.accounts[user_account("alice", "USD")].balance == 10
    assert [type(one) for one in system.setbacks] == [FencedError]


async def test_a_worker_that_takes_over_anew_vouches_for_no_head_of_before() -> None:
    system = System()
    partition = partition_for("alice")
    async with system.pool() as pool:
        worker = pool.workers[partition]
        await system.command_log.append(deposit("alice", 5))
        await eventually(lambda: 1 in worker.heads)
        await system.command_log.append(deposit("alice", 5))
        await eventually(lambda: 2 in worker.heads)
        assert worker.take_overs == 1
        assert [*worker.heads] == [0, 1, 2]
        await system.ledger.take_over(partition)
        await system.command_log.append(deposit("alice", 5))
        await eventually(lambda: 3 in worker.heads)
        assert worker.take_overs == 2
        assert [*worker.heads] == [2, 3]


async def test_a_halted_partition_of_books_that_were_put_back_is_taken_over_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = System()
    partition = partition_for("alice")
    await system.command_log.append(deposit("alice", 5))
    async with system.pool():
        await eventually(lambda: system.posted() == 1)
    kept = system.log.records(partition, 0, 1)[0]
    system.log.lose_tail(partition, 0)
    async with system.pool() as pool:
        worker = pool.workers[partition]
        await eventually(lambda: worker.halted is not None)
        halted = system.books.positions[partition]
        system.books.positions[partition] = replace(halted, halted=None)
        system.log.append(partition, kept.key, kept.value, kept.headers, kept.recorded_at)
        await system.command_log.append(deposit("alice", 7))

        async def put_back(_: int) -> LogPosition:
            monkeypatch.delattr(system.ledger, "position")
            raise PutBackError("another life of the database")

        monkeypatch.setattr(system.ledger, "position", put_back)
        await eventually(lambda: system.posted() == 2)
        assert worker.halted is None


async def test_who_lost_a_partition_does_not_take_it_back_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_module, "FENCED_WAIT_SECONDS", 3_600.0)
    system = System()
    partition = partition_for("alice")
    async with system.pool():
        await system.command_log.append(deposit("alice", 5))
        await eventually(lambda: system.posted() == 1)
        owned = await system.ledger.take_over(partition)
        await system.command_log.append(deposit("alice", 5))
        await eventually(lambda: bool(system.setbacks))
        for _ in range(100):
            await asyncio.sleep(0)
        assert (await system.ledger.position(partition)).epoch == owned.epoch
    assert system.posted() == 1


async def test_a_halted_partition_waits_for_its_operator_and_the_others_go_on() -> None:
    system = System()
    partition = partition_for("alice")
    others = [user for user in USERS if partition_for(user) != partition]
    await system.command_log.append(deposit("alice", 5))
    async with system.pool():
        await eventually(lambda: system.posted() == 1)
    system.log.lose_tail(partition, 0)
    async with system.pool() as pool:
        worker = pool.workers[partition]
        await eventually(lambda: worker.halted is not None)
        assert "lost its tail" in (worker.halted or "")
        await system.command_log.append(deposit(others[0]))
        await eventually(lambda: system.posted() == 2)
        await system.command_log.append(deposit("alice", 7))
        await system.resume(partition, 0, "the tail is lost, and its owners know")
        await eventually(lambda: system.posted() == 3)
        assert worker.halted is None
    assert system.books.accounts[user_account("alice", "USD")].balance == 12


@pytest.mark.parametrize(
    ("befall", "sentence"),
    [
        (lambda log, partition: log.recreate(), "deleted and created again"),
        (lambda log, partition: log.lose_tail(partition, 1), "lost its tail"),
        (
            lambda log, partition: (
                log.append(partition, b"k", b"v", [], NOON),
                log.append(partition, b"k", b"v", [], NOON),
                log.append(partition, b"k", b"v", [], NOON),
                log.delete_before(partition, 4),
            ),
            "deleted before they were posted",
        ),
        (
            lambda log, partition: (
                log.lose_tail(partition, 1),
                log.append(partition, b"k", b"v", [], NOON),
            ),
            "grew again",
        ),
    ],
)
async def test_a_log_that_does_not_fit_halts_its_partition(befall: object, sentence: str) -> None:
    system = System()
    partition = partition_for("alice")
    for _ in range(2):
        await system.command_log.append(deposit("alice"))
    async with system.pool():
        await eventually(lambda: system.posted() == 2)
    befall(system.log, partition)  # type: ignore[operator]
    async with system.pool() as pool:
        await eventually(lambda: pool.workers[partition].halted is not None)
        assert sentence in (pool.workers[partition].halted or "")
    assert system.posted() == 2
    assert system.books.dead_letters == []


async def test_what_could_not_be_told_is_told_by_the_next_owner() -> None:
    deaf = DeafEvents()
    system = System(events=deaf)
    await system.deposits(10)
    system.drain_seconds = 0.05
    async with system.pool():
        await eventually(lambda: system.posted() == 10)
    assert not deaf.published
    assert {type(one) for one in system.setbacks} == {EventsUnavailableError}
    deaf.deaf, system.told = False, deaf
    async with system.pool():
        await eventually(lambda: len(system.told_ids()) == 10)
    assert len(set(system.told_ids())) == 10


async def test_books_that_are_put_back_while_a_partition_changes_hands_come_back() -> None:
    ledger = PutBack(refusals=0)
    system = System(ledger=ledger)
    await system.deposits(20)
    async with system.pool():
        await eventually(lambda: len(system.told_ids()) == 20)
    heads = dict(ledger.memory.heads)
    ledger.is_due = True
    await system.deposits(20)

    async with system.pool():
        await eventually(lambda: system.posted() == 40)

    assert not ledger.is_due
    assert heads.items() <= ledger.memory.heads.items()


async def test_books_that_are_put_back_again_while_they_come_back_are_looked_at_again() -> None:
    system = System()
    alice = partition_for("alice")
    await system.command_log.append(deposit("alice"))
    was_behind = [True, True, False]

    async def restore(_: int) -> bool:
        assert system.posted() == 0
        return was_behind.pop(0)

    pool = WorkerPool(replace(system.work(), restore=restore))
    await pool.assigned(frozenset([alice]))
    await eventually(lambda: system.posted() == 1)
    await pool.revoked(frozenset([alice]))
    assert was_behind == []
    assert system.books.positions[alice].epoch == 3


async def test_what_is_recorded_as_told_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_module, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(publisher_module, "MAX_TOLD_AT_ONCE", 7)
    system = System()
    await system.deposits(200)
    async with system.pool():
        await eventually(lambda: system.recorded_as_told() == 200)
        assert len(system.told_ids()) == 200
    assert all(len(outcomes.transactions) <= 10 for _, outcomes in system.told.published)
    assert system.recorded_as_told() == 200


async def test_a_page_that_is_tried_again_and_again_is_trouble_until_it_is_posted() -> None:
    ledger = Moody(refusals=1_000)
    system = System(ledger)
    await system.command_log.append(deposit(USERS[0], 1))
    number = partition_for(USERS[0])
    async with system.pool() as pool:
        await eventually(lambda: pool.workers[number].failing is not None)
        said = f"partition {number} is failing: permission denied for table entry"
        assert await pool.trouble() == said
        ledger.refusals = 0
        await eventually(lambda: system.posted() == 1)
        await eventually(lambda: pool.workers[number].failing is None)
        assert await pool.trouble() is None


class FailingReads(MemoryCommandFeed):
    """Each of these errors ends one read, whichever partition's."""

    def __init__(self, log: MemoryLog, *errors: Exception) -> None:
        super().__init__(log)
        self.errors = list(errors)

    @asynccontextmanager
    async def reader(
        self, partition: int, from_offset: int, topic_id: str
    ) -> AsyncIterator[RecordReader]:
        async with super().reader(partition, from_offset, topic_id) as reader:
            yield FailingReader(reader, self.errors)


class FailingReader:
    def __init__(self, reader: RecordReader, errors: list[Exception]) -> None:
        self._reader = reader
        self._errors = errors

    async def read(self, max_records: int, max_bytes: int) -> Sequence[Record]:
        if self._errors:
            raise self._errors.pop()
        return await self._reader.read(max_records, max_bytes)


ENDS_OF_A_TRY = pytest.mark.parametrize(
    "error", [LogUnavailableError("away", may_have_been_accepted=False), ZeroDivisionError()]
)


@ENDS_OF_A_TRY
async def test_whatever_ends_a_try_is_told_of(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(worker_module, "LONGEST_WAIT_SECONDS", 0.01)
    system = System()
    system.feed = FailingReads(system.log, error)
    await system.deposits(len(USERS))
    async with system.pool():
        await eventually(lambda: system.posted() == len(USERS))
    assert system.setbacks == [error]


@ENDS_OF_A_TRY
async def test_a_partition_with_nothing_to_post_does_not_fail_for_ever(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(worker_module, "LONGEST_WAIT_SECONDS", 0.01)
    system = System()
    system.feed = FailingReads(system.log, error)
    async with system.pool() as pool:
        await eventually(lambda: bool(system.setbacks))
        # Else it would be reported for as long as nobody gives a command, and no hold expire.
        await eventually(lambda: all(one.failing is None for one in pool.workers.values()))
        assert await pool.trouble() is None


async def test_a_page_that_always_fails_is_told_of_for_as_long_as_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_module, "LONGEST_WAIT_SECONDS", 0.01)
    bugs = [ZeroDivisionError() for _ in range(20)]
    system = System()
    system.feed = FailingReads(system.log, *bugs)
    await system.command_log.append(deposit("alice"))
    partition = partition_for("alice")
    told: list[str | None] = []
    take_over = TakeOver.__call__

    async def told_after_take_over(self: TakeOver, partition: int) -> TakenOver:
        told.append(pool.workers[partition].failing)
        return await take_over(self, partition)

    monkeypatch.setattr(TakeOver, "__call__", told_after_take_over)
    pool = WorkerPool(system.work())
    await pool.assigned(frozenset({partition}))
    await eventually(lambda: system.posted() == 1)
    assert told == [None, *["ZeroDivisionError: "] * len(bugs)]
    await eventually(lambda: pool.workers[partition].failing is None)
    await pool.revoked(frozenset({partition}))


async def test_a_record_that_no_client_can_read_halts_its_partition() -> None:
    class Unreadable(MemoryCommandFeed):
        @asynccontextmanager
        async def reader(
            self, partition: int, from_offset: int, topic_id: str
        ) -> AsyncIterator[RecordReader]:
            yield NoReader()

    class NoReader:
        async def read(self, max_records: int, max_bytes: int) -> Sequence[Record]:
            raise HaltError("no client can read this")

    system = System()
    system.feed = Unreadable(system.log)
    async with system.pool() as pool:
        await eventually(lambda: pool.workers[0].halted is not None)
        assert "partition 0 is halted: no client" in (await pool.trouble() or "")
    assert (await system.ledger.position(0)).halted == "no client can read this"


async def test_what_was_posted_before_a_halt_is_told_though_nobody_has_ended_it() -> None:
    class EndsBadly(MemoryCommandFeed):
        @asynccontextmanager
        async def reader(
            self, partition: int, from_offset: int, topic_id: str
        ) -> AsyncIterator[RecordReader]:
            async with super().reader(partition, from_offset, topic_id) as reader:
                yield Once(reader)

    class Once:
        def __init__(self, reader: RecordReader) -> None:
            self.reader = reader
            self.has_read = False

        async def read(self, max_records: int, max_bytes: int) -> Sequence[Record]:
            if self.has_read:
                raise HaltError("the rest cannot be read")
            records = await self.reader.read(max_records, max_bytes)
            self.has_read = True
            return records

    events = DeafEvents()
    system = System(events=events)
    system.feed = EndsBadly(system.log)
    await system.deposits(1)
    async with system.pool():
        await eventually(lambda: any(one.halted for one in system.books.positions.values()))
        assert not events.published
        events.deaf = False
        await eventually(lambda: len(events.published) == 1)


async def test_a_stop_finishes_the_page_in_hand() -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    class Slow(MemoryLedger):
        async def post_page(
            self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
        ) -> Page:
            entered.set()
            await go_on.wait()
            return await super().post_page(run, commands, decide)

    books = MemoryBooks()
    system = System(Slow(books, FixedClock()))
    await system.command_log.append(deposit("alice"))
    pool = WorkerPool(system.work())
    await pool.assigned(frozenset([partition_for("alice")]))
    await entered.wait()
    stopping = asyncio.create_task(pool.revoked(frozenset([partition_for("alice")])))
    await asyncio.wait({stopping}, timeout=0.05)
    assert not stopping.done()
    go_on.set()
    await stopping
    assert len(books.transactions) == 1
    assert [len(outcomes.transactions) for _, outcomes in system.told.published] == [1]


async def test_a_stop_tells_what_is_posted() -> None:
    events = DeafEvents()
    system = System(events=events)
    await system.command_log.append(deposit("alice"))
    pool = WorkerPool(system.work())
    await pool.assigned(frozenset([partition_for("alice")]))
    await eventually(lambda: system.posted() == 1)
    stopping = asyncio.create_task(pool.revoked(frozenset([partition_for("alice")])))
    await asyncio.wait({stopping}, timeout=0.05)
    assert not stopping.done()
    events.deaf = False
    await stopping
    assert [len(outcomes.transactions) for _, outcomes in events.published] == [1]
    assert system.recorded_as_told() == 1


async def test_a_worker_ends_though_a_cancellation_is_swallowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "CANCEL_AGAIN_SECONDS", 0.01)
    system = System()
    swallowed = asyncio.Event()

    class Deaf(MemoryCommandFeed):
        @asynccontextmanager
        async def reader(
            self, partition: int, from_offset: int, topic_id: str
        ) -> AsyncIterator[RecordReader]:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed.set()
            async with super().reader(partition, from_offset, topic_id) as reader:
                yield reader

    system.feed = Deaf(system.log)
    pool = WorkerPool(system.work())
    await pool.assigned(frozenset({0}))
    worker = pool.workers[0]
    await eventually(lambda: worker.next_offset is not None)
    async with asyncio.timeout(10):
        await pool.revoked(frozenset({0}))
    assert swallowed.is_set()
