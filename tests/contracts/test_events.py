"""What every `Events` promises."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, NamedTuple, Protocol

import pytest

from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outbound.memory.events import MemoryEvents
from core.entities.dead_letter import DeadLetter, DeadLetterReason, dead_letter_id
from core.entities.page import LedgerState, Outcomes
from core.entities.transaction import Transaction
from core.ports.events import Events
from core.posting.post import post
from infra.local.kafka import LocalKafka
from tests.builders import (
    PARTITIONS,
    REPRESENTATIONS,
    FixedClock,
    broken_record,
    deposit,
    logged,
)
from tests.eventually import eventually
from tests.kafka_log import KafkaLog, fresh_topics

PARTITION: Final = 3
NOTHING: Final = LedgerState({}, {})


class Told(NamedTuple):
    """What whoever listens has heard: ids of transactions, and bytes of dead letters."""

    transaction_ids: Sequence[str]
    dead_values: Sequence[bytes | None]


class EventsUnderTest(Protocol):
    @property
    def events(self) -> Events: ...

    async def told(self, partition: int, transactions: int, dead_letters: int) -> Told: ...


class MemoryUnderTest:
    def __init__(self) -> None:
        self.events = MemoryEvents(MemoryEventLog(PARTITIONS, FixedClock()), REPRESENTATIONS)

    async def told(self, partition: int, transactions: int, dead_letters: int) -> Told:
        published = [told for number, told in self.events.published if number == partition]
        return Told(
            [str(one.command.transaction_id) for told in published for one in told.transactions],
            [one.record.value for told in published for one in told.dead_letters],
        )


class KafkaUnderTest:
    def __init__(self, topics: KafkaLog) -> None:
        self._topics = topics
        self.events = topics.events()

    async def told(self, partition: int, transactions: int, dead_letters: int) -> Told:
        topics = self._topics
        outcomes = await topics.read_all(topics.transactions, partition, transactions)
        letters = await topics.read_all(topics.dead, partition, dead_letters)
        return Told(
            [one.headers["ce_id"].decode() for one in outcomes],
            [one.value for one in letters],
        )


@asynccontextmanager
async def memory_events(_: LocalKafka) -> AsyncIterator[EventsUnderTest]:
    yield MemoryUnderTest()


@asynccontextmanager
async def kafka_events(kafka: LocalKafka) -> AsyncIterator[EventsUnderTest]:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        under_test = KafkaUnderTest(topics)
        async with under_test.events:
            await eventually(lambda: under_test.events.is_connected)
            yield under_test


EVENTS: Final[dict[str, Callable[[LocalKafka], AbstractAsyncContextManager[EventsUnderTest]]]] = {
    "memory": memory_events,
    "kafka": kafka_events,
}


@pytest.fixture(params=EVENTS)
async def under_test(
    request: pytest.FixtureRequest, kafka: LocalKafka
) -> AsyncIterator[EventsUnderTest]:
    async with EVENTS[request.param](kafka) as one:
        yield one


def _transactions(count: int, first_offset: int = 0) -> Sequence[Transaction]:
    commands = [
        logged(deposit("alice", number + 1), first_offset + number) for number in range(count)
    ]
    return post(commands, NOTHING).transactions


def _ids(transactions: Sequence[Transaction]) -> list[str]:
    return [str(one.command.transaction_id) for one in transactions]


def _dead_letter(value: bytes | None, offset: int = 0) -> DeadLetter:
    record = broken_record(offset, PARTITION, value)
    return DeadLetter(record, DeadLetterReason.UNDECODABLE, "no JSON", dead_letter_id(record))


async def test_outcomes_are_told_in_their_order_in_the_partition_of_their_commands(
    under_test: EventsUnderTest,
) -> None:
    first, second = _transactions(50), _transactions(50, first_offset=50)
    await under_test.events.publish(PARTITION, Outcomes(first, ()))
    await under_test.events.publish(PARTITION, Outcomes(second, ()))
    told = await under_test.told(PARTITION, 100, 0)
    assert told.transaction_ids == _ids([*first, *second])


async def test_many_outcomes_are_told_at_once(under_test: EventsUnderTest) -> None:
    transactions = _transactions(3_000)
    await under_test.events.publish(PARTITION, Outcomes(transactions, ()))
    told = await under_test.told(PARTITION, 3_000, 0)
    assert told.transaction_ids == _ids(transactions)


async def test_an_outcome_told_again_bears_the_same_id(under_test: EventsUnderTest) -> None:
    (transaction,) = _transactions(1)
    for _ in range(2):
        await under_test.events.publish(PARTITION, Outcomes([transaction], ()))
    told = await under_test.told(PARTITION, 2, 0)
    assert told.transaction_ids == _ids([transaction, transaction])


async def test_dead_letters_keep_their_bytes(under_test: EventsUnderTest) -> None:
    values = [b"\xff\x00{", b"", None]
    letters = [_dead_letter(value, offset) for offset, value in enumerate(values)]
    await under_test.events.publish(PARTITION, Outcomes((), letters))
    told = await under_test.told(PARTITION, 0, 3)
    assert told.dead_values == values


async def test_nothing_is_told_of_nothing(under_test: EventsUnderTest) -> None:
    await under_test.events.publish(PARTITION, Outcomes((), ()))
    (transaction,) = _transactions(1)
    await under_test.events.publish(PARTITION, Outcomes([transaction], ()))
    told = await under_test.told(PARTITION, 1, 0)
    assert told.transaction_ids == _ids([transaction])
