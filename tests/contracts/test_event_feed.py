"""What every `EventFeed` promises, of whatever `Events` told it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Final, Protocol

import pytest

from adapters.inbound.worker.retrying import until_available
from adapters.outbound.memory.event_feed import MemoryEventFeed
from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outbound.memory.events import MemoryEvents
from adapters.outbound.system.clock import SystemClock
from adapters.outcome_events import event_of
from core.entities.outcome_event import EventType, FeedPlace, OutcomeEvent, ToldEvent
from core.entities.page import LedgerState, Outcomes
from core.entities.transaction import Transaction
from core.errors import EventsLostError
from core.ports.event_feed import EventFeed, EventReader
from core.ports.events import Events
from core.posting.post import post
from infra.local.kafka import LocalKafka
from tests.builders import (
    PARTITIONS,
    REPRESENTATIONS,
    deposit,
    hold,
    logged,
    transfer,
    unkeyed_id,
    void,
    withdrawal,
)
from tests.eventually import eventually
from tests.kafka_log import KafkaLog, fresh_topics

NOTHING: Final = LedgerState({}, {})
BEGINNING: Final = [0] * PARTITIONS
ABOUT: Final[tuple[list[str], ...]] = (
    ["alice"],
    ["alice", "bob"],
    ["alice", "shop"],
    ["alice"],
    [],
    ["carol"],
)
"""The users of the commands of one test."""


class FeedUnderTest(Protocol):
    """A feed from both of its sides, and from behind."""

    @property
    def events(self) -> Events: ...

    @property
    def feed(self) -> EventFeed: ...

    async def put_garbage(self, partition: int, value: bytes | None) -> None: ...

    async def delete_before(self, partition: int, offset: int) -> None: ...

    async def recreate(self) -> None: ...


class MemoryUnderTest:
    def __init__(self) -> None:
        self._log = MemoryEventLog(PARTITIONS, SystemClock())
        self.events = MemoryEvents(self._log, REPRESENTATIONS)
        self.feed = MemoryEventFeed(self._log)

    async def put_garbage(self, partition: int, value: bytes | None) -> None:
        del value
        self._log.append(partition, None)

    async def delete_before(self, partition: int, offset: int) -> None:
        self._log.delete_before(partition, offset)

    async def recreate(self) -> None:
        self._log.recreate()


class KafkaUnderTest:
    def __init__(self, topics: KafkaLog) -> None:
        self._topics = topics
        self.recreate = topics.recreate
        self.events = topics.events()
        self.feed = topics.event_feed()

    async def put_garbage(self, partition: int, value: bytes | None) -> None:
        await self._topics.put(partition, None, value, [], topic=self._topics.transactions)

    async def delete_before(self, partition: int, offset: int) -> None:
        await self._topics.delete_before(partition, offset, topic=self._topics.transactions)


@asynccontextmanager
async def memory_feed(_: LocalKafka) -> AsyncIterator[FeedUnderTest]:
    yield MemoryUnderTest()


@asynccontextmanager
async def kafka_feed(kafka: LocalKafka) -> AsyncIterator[FeedUnderTest]:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        under_test = KafkaUnderTest(topics)
        async with under_test.events, under_test.feed:
            await eventually(lambda: under_test.events.is_connected)
            yield under_test


FEEDS: Final[dict[str, Callable[[LocalKafka], AbstractAsyncContextManager[FeedUnderTest]]]] = {
    "memory": memory_feed,
    "kafka": kafka_feed,
}


@pytest.fixture(params=FEEDS)
async def under_test(
    request: pytest.FixtureRequest, kafka: LocalKafka
) -> AsyncIterator[FeedUnderTest]:
    async with FEEDS[request.param](kafka) as one:
        yield one


def transactions(count: int, partition: int, first_offset: int = 0) -> Sequence[Transaction]:
    """Deposits of alice's, as if a partition of the command log held them."""
    commands = [logged(deposit(), first_offset + number, partition) for number in range(count)]
    return post(commands, NOTHING).transactions


def events_of(decided: Sequence[Transaction]) -> list[OutcomeEvent]:
    return [event_of(one, REPRESENTATIONS) for one in decided]


async def read(reader: EventReader, count: int) -> list[ToldEvent]:
    told: list[ToldEvent] = []
    while len(told) < count:
        told += await reader.read(count - len(told))
    return told


async def _reading(
    under_test: FeedUnderTest, from_offsets: Sequence[int], count: int
) -> list[ToldEvent]:
    topic_id = (await under_test.feed.extent()).topic_id
    async with under_test.feed.reader(topic_id, from_offsets) as reader:
        return await read(reader, count)


async def test_what_was_told_is_read_in_its_order(under_test: FeedUnderTest) -> None:
    decided = transactions(50, partition=3)
    await under_test.events.publish(3, Outcomes(decided, ()))
    told = await _reading(under_test, BEGINNING, 50)
    assert [one.event for one in told] == events_of(decided)
    assert [one.place for one in told] == [FeedPlace(3, offset) for offset in range(50)]


async def test_all_partitions_are_read_at_once(under_test: FeedUnderTest) -> None:
    decided = {partition: transactions(5, partition) for partition in range(PARTITIONS)}
    for partition, some in decided.items():
        await under_test.events.publish(partition, Outcomes(some, ()))
    told = await _reading(under_test, BEGINNING, 5 * PARTITIONS)
    for partition, some in decided.items():
        found = [one.event for one in told if one.place.partition == partition]
        assert found == events_of(some)


async def test_reading_begins_where_it_is_told_to(under_test: FeedUnderTest) -> None:
    first, second = transactions(10, partition=1), transactions(10, partition=2)
    await under_test.events.publish(1, Outcomes(first, ()))
    await under_test.events.publish(2, Outcomes(second, ()))
    told = await _reading(under_test, [0, 7, 9, 0, 0, 0, 0, 0], 4)
    assert {one.event for one in told} == {*events_of(first)[7:], *events_of(second)[9:]}


async def test_a_reader_waits_for_what_comes(under_test: FeedUnderTest) -> None:
    extent = await under_test.feed.extent()
    async with under_test.feed.reader(extent.topic_id, extent.end_offsets) as reader:
        waiting = asyncio.create_task(reader.read(10))
        decided = transactions(1, partition=5)
        await under_test.events.publish(5, Outcomes(decided, ()))
        assert [one.event for one in await waiting] == events_of(decided)


async def test_no_more_are_read_than_asked_for_and_none_is_lost(under_test: FeedUnderTest) -> None:
    decided = transactions(10, partition=0)
    await under_test.events.publish(0, Outcomes(decided, ()))
    topic_id = (await under_test.feed.extent()).topic_id
    async with under_test.feed.reader(topic_id, BEGINNING) as reader:
        pieces = [await reader.read(3) for _ in range(4)]
    assert [len(piece) for piece in pieces] == [3, 3, 3, 1]
    assert [one.event for piece in pieces for one in piece] == events_of(decided)


async def test_whoever_gives_up_waiting_misses_nothing(under_test: FeedUnderTest) -> None:
    extent = await under_test.feed.extent()
    async with under_test.feed.reader(extent.topic_id, extent.end_offsets) as reader:
        for _ in range(3):
            waiting = asyncio.create_task(reader.read(1))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
        decided = transactions(2, partition=5)
        await under_test.events.publish(5, Outcomes(decided, ()))
        assert [one.event for one in await read(reader, 2)] == events_of(decided)


async def test_what_is_told_again_is_the_same_in_another_place(under_test: FeedUnderTest) -> None:
    decided = transactions(2, partition=0)
    for _ in range(2):
        await under_test.events.publish(0, Outcomes(decided, ()))
    told = await _reading(under_test, BEGINNING, 4)
    assert [one.event for one in told] == events_of(decided) * 2
    assert [one.place.offset for one in told] == [0, 1, 2, 3]


async def test_an_event_says_what_it_is_and_whom_it_is_about(under_test: FeedUnderTest) -> None:
    placed = hold("alice", 1, to_user_id="shop")
    commands = [
        deposit("alice", 100),
        transfer("alice", "bob", 30),
        placed,
        void(placed.transaction_id),
        void(unkeyed_id("alice")),
        withdrawal("carol"),
    ]
    records = [logged(one, offset, 0) for offset, one in enumerate(commands)]
    await under_test.events.publish(0, Outcomes(post(records, NOTHING).transactions, ()))
    events = [one.event for one in await _reading(under_test, BEGINNING, 6)]
    posted, rejected = EventType.TRANSACTION_POSTED, EventType.TRANSACTION_REJECTED
    assert [(one.event_id, one.position, one.type, one.users) for one in events if one] == [
        (command.transaction_id, record.position, event_type, users)
        for command, record, event_type, users in zip(
            commands,
            records,
            [posted] * 4 + [rejected] * 2,
            map(frozenset, ABOUT),
            strict=True,
        )
    ]


@pytest.mark.parametrize("value", [None, b"", b"\xff", b"{}", b"[" * 100_000])
async def test_what_is_no_event_is_passed_by(
    under_test: FeedUnderTest, value: bytes | None
) -> None:
    decided = transactions(1, partition=0)
    await under_test.put_garbage(0, value)
    await under_test.events.publish(0, Outcomes(decided, ()))
    told = await _reading(under_test, BEGINNING, 2)
    assert [one.event for one in told] == [None, *events_of(decided)]


async def test_the_extent_is_what_there_is(under_test: FeedUnderTest) -> None:
    assert await under_test.feed.extent() == await under_test.feed.extent()
    await under_test.events.publish(2, Outcomes(transactions(5, partition=2), ()))
    await under_test.delete_before(2, 3)
    extent = await under_test.feed.extent()
    assert [*extent.start_offsets] == [0, 0, 3, 0, 0, 0, 0, 0]
    assert [*extent.end_offsets] == [0, 0, 5, 0, 0, 0, 0, 0]


async def test_what_was_told_since_a_time_is_found_by_it(under_test: FeedUnderTest) -> None:
    clock = SystemClock()
    before = clock.now() - timedelta(seconds=1)
    await under_test.events.publish(2, Outcomes(transactions(3, partition=2), ()))
    between = clock.now()
    await eventually(lambda: clock.now() > between + timedelta(milliseconds=2))
    await under_test.events.publish(2, Outcomes(transactions(2, partition=2, first_offset=3), ()))
    told = await _reading(under_test, BEGINNING, 5)
    assert [one.told_at <= between for one in told] == [True] * 3 + [False] * 2
    found = {
        time: (await under_test.feed.offsets_from(time))[2]
        for time in (before, told[3].told_at, clock.now() + timedelta(seconds=1))
    }
    assert [*found.values()] == [0, 3, 5]
    assert await under_test.feed.offsets_from(before) == [0, 0, 0, 0, 0, 0, 0, 0]


async def test_what_is_kept_no_more_is_not_found_by_its_time(under_test: FeedUnderTest) -> None:
    before = SystemClock().now() - timedelta(seconds=1)
    await under_test.events.publish(2, Outcomes(transactions(5, partition=2), ()))
    await under_test.delete_before(2, 3)
    assert (await under_test.feed.offsets_from(before))[2] == 3


@pytest.mark.parametrize("offset", [2, 6])
async def test_what_is_not_there_any_more_or_not_yet_is_said_to_be_lost(
    under_test: FeedUnderTest, offset: int
) -> None:
    await under_test.events.publish(0, Outcomes(transactions(5, partition=0), ()))
    await under_test.delete_before(0, 3)
    with pytest.raises(EventsLostError):
        await _reading(under_test, [offset, *BEGINNING[1:]], 1)


async def test_a_topic_made_anew_is_another_one(under_test: FeedUnderTest) -> None:
    before = await under_test.feed.extent()
    await under_test.recreate()
    # Its clients have yet to notice that the topic is another one.
    outcomes = Outcomes(transactions(1, partition=0), ())
    await until_available(under_test.events.publish, 0, outcomes)
    after = await until_available(under_test.feed.extent)
    assert after.topic_id != before.topic_id
    with pytest.raises(EventsLostError):
        async with under_test.feed.reader(before.topic_id, BEGINNING) as reader:
            await reader.read(1)
