"""The reading side of the command log."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Self

from aiokafka.structs import TopicPartition

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.membership import GroupSettings, Membership
from adapters.outbound.kafka.owner_calls import OwnerCalls
from adapters.outbound.kafka.queries import PATIENT_QUERY_SECONDS, TopicQueries
from adapters.outbound.kafka.record_reader import reading
from adapters.outbound.kafka.topic_identity import TopicIdentity
from core.entities.record import Record
from core.errors import HaltError
from core.ports.command_feed import LogExtent, PartitionOwner, RecordReader


class KafkaCommandFeed:
    """A `CommandFeed` over a Kafka topic. Membership and reading share nothing but the topic."""

    def __init__(self, connection: KafkaConnection, settings: GroupSettings) -> None:
        self._connection = connection
        self._settings = settings
        self._queries = TopicQueries(connection, settings.topic, "extents", PATIENT_QUERY_SECONDS)
        self._identity = TopicIdentity(self._queries.topic_id)
        self._membership: Membership | None = None

    async def __aenter__(self) -> Self:
        await self._queries.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._queries.__aexit__()

    @asynccontextmanager
    async def membership(self, owner: PartitionOwner) -> AsyncIterator[None]:
        """Be a member of the group while the context lasts; one at a time."""
        calls = OwnerCalls(owner, self._settings.drain_seconds)
        self._membership = Membership(self._connection, self._settings, self._queries, calls)
        try:
            async with self._membership.lasting():
                yield
        finally:
            self._membership = None

    def reader(
        self, partition: int, from_offset: int, topic_id: str
    ) -> AbstractAsyncContextManager[RecordReader]:
        """Read `partition` from `from_offset` on. Entering raises `LogUnavailableError`."""
        place = TopicPartition(self._settings.topic, partition)
        same_topic = partial(self._identity.is_still, topic_id)
        return reading(self._connection, same_topic, place, from_offset)

    async def extent(self, partition: int) -> LogExtent:
        """What the partition holds now."""
        topic_id, starts, ends = await self._queries.extents([partition])
        return LogExtent(topic_id, starts[partition], ends[partition])

    async def record_at(self, partition: int, offset: int) -> Record | None:
        """The record at `offset`; None if it is not in the log."""
        extent = await self.extent(partition)
        if not extent.start_offset <= offset < extent.end_offset:
            return None
        try:
            async with self.reader(partition, offset, extent.topic_id) as reader:
                record = (await reader.read(1, 1))[0]
        except HaltError:
            return None
        return record if record.position.offset == offset else None

    async def advise(self, partition: int, next_offset: int) -> None:
        """Let the group's own offset follow, within seconds."""
        if self._membership is not None:
            self._membership.advise(partition, next_offset)
