"""The reading side of what was told."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Self

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.errors import EventsErrors
from adapters.outbound.kafka.event_reader import reading_events
from adapters.outbound.kafka.queries import (
    NO_OFFSET,
    PATIENT_QUERY_SECONDS,
    Edge,
    TopicQueries,
)
from adapters.outbound.kafka.times import milliseconds_of
from adapters.outbound.kafka.topic_identity import TopicIdentity
from core.ports.event_feed import EventReader, FeedExtent


class KafkaEventFeed:
    """An `EventFeed` over a Kafka topic."""

    def __init__(self, connection: KafkaConnection, topic: str, partition_count: int) -> None:
        self._connection = connection
        self._topic = topic
        self._partitions = range(partition_count)
        self._queries = TopicQueries(connection, topic, "events-extents", PATIENT_QUERY_SECONDS)
        self._identity = TopicIdentity(self._queries.topic_id)

    async def __aenter__(self) -> Self:
        await self._queries.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._queries.__aexit__()

    async def extent(self) -> FeedExtent:
        """What the topic holds now."""
        with EventsErrors("looking at the events"):
            topic_id, starts, ends = await self._queries.extents(self._partitions)
        return FeedExtent(
            topic_id,
            [starts[partition] for partition in self._partitions],
            [ends[partition] for partition in self._partitions],
        )

    async def offsets_from(self, time: datetime) -> Sequence[int]:
        """The first offset of each partition from a time on."""
        with EventsErrors("looking for events of a time"):
            # The ends first: what is told meanwhile lies behind them, and is found by its time.
            ends = await self._queries.offsets(self._partitions, Edge.END)
            found = await self._queries.offsets(self._partitions, milliseconds_of(time))
        return [
            ends[partition] if found[partition] == NO_OFFSET else found[partition]
            for partition in self._partitions
        ]

    @asynccontextmanager
    async def reader(
        self, topic_id: str, from_offsets: Sequence[int]
    ) -> AsyncIterator[EventReader]:
        """Read every partition from its offset on."""
        same_topic = partial(self._identity.is_still, topic_id)
        async with reading_events(
            self._connection, same_topic, self._topic, from_offsets
        ) as reader:
            yield reader
