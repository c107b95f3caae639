"""The command logs that the contracts are run over, each with what can befall it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Protocol

from adapters.outbound.memory.command_feed import MemoryCommandFeed
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.log import MemoryLog
from core.entities.position import Position
from core.ports.command_feed import CommandFeed
from core.ports.command_log import CommandLog
from core.ports.record_log import RecordLog
from infra.local.kafka import LocalKafka
from tests.builders import NOON, PARTITIONS, FixedClock
from tests.kafka_log import KafkaLog, NullableHeaders, connected, fresh_topics


class AppendingSide(CommandLog, RecordLog, Protocol):
    """Both ports of it."""


class LogUnderTest(Protocol):
    """A command log from both of its sides, and from behind. Commands get `further` headers."""

    further: list[tuple[str, bytes]]

    @property
    def log(self) -> AppendingSide: ...

    @property
    def feed(self) -> CommandFeed: ...

    def another_feed(self) -> AbstractAsyncContextManager[CommandFeed]: ...

    async def put(
        self, partition: int, key: bytes | None, value: bytes | None, headers: NullableHeaders
    ) -> Position: ...

    async def delete_before(self, partition: int, offset: int) -> None: ...

    async def recreate(self) -> None: ...


class MemoryUnderTest:
    def __init__(self) -> None:
        self._memory = MemoryLog(PARTITIONS)
        self.further: list[tuple[str, bytes]] = []
        self.log = MemoryCommandLog(self._memory, FixedClock(), lambda: self.further)
        self.feed = MemoryCommandFeed(self._memory)

    @asynccontextmanager
    async def another_feed(self) -> AsyncIterator[CommandFeed]:
        yield MemoryCommandFeed(self._memory)

    async def put(
        self, partition: int, key: bytes | None, value: bytes | None, headers: NullableHeaders
    ) -> Position:
        given = [(name, content or b"") for name, content in headers]
        return self._memory.append(partition, key, value, given, NOON)

    async def delete_before(self, partition: int, offset: int) -> None:
        self._memory.delete_before(partition, offset)

    async def recreate(self) -> None:
        self._memory.recreate()


class KafkaUnderTest:
    def __init__(self, topics: KafkaLog) -> None:
        self._topics = topics
        self.put = topics.put
        self.delete_before = topics.delete_before
        self.recreate = topics.recreate
        self.further: list[tuple[str, bytes]] = []
        self.log = topics.command_log(further_headers=lambda: self.further)
        self.feed = topics.feed()

    def another_feed(self) -> AbstractAsyncContextManager[CommandFeed]:
        return self._topics.feed()


@asynccontextmanager
async def memory_log(_: LocalKafka) -> AsyncIterator[LogUnderTest]:
    yield MemoryUnderTest()


@asynccontextmanager
async def kafka_log(kafka: LocalKafka) -> AsyncIterator[LogUnderTest]:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        under_test = KafkaUnderTest(topics)
        async with under_test.log, under_test.feed:
            await connected(under_test.log)
            yield under_test


LOGS: Final[dict[str, Callable[[LocalKafka], AbstractAsyncContextManager[LogUnderTest]]]] = {
    "memory": memory_log,
    "kafka": kafka_log,
}
