"""Questions about a topic, over one client that is replaced whenever an answer stays out."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Final, NamedTuple, Self

from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import LeaderNotAvailableError, for_code
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.api import Response
from aiokafka.protocol.offset import OffsetRequest

from adapters.outbound.kafka.closing import close_in_background, close_within, opened
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.errors import LogErrors
from adapters.outbound.kafka.topic_description import TopicDescription, describe_topic
from core.errors import LogUnavailableError

QUERY_SECONDS: Final = 1.8
"""A client of ours may be waiting."""
PATIENT_QUERY_SECONDS: Final = 8.0
"""Nobody waits, and giving up costs more than waiting: a page that is worked on takes its time."""
_ANSWERED_SECONDS: Final = 0.3
"""How much sooner than we aiokafka gives up, so that its own error reaches us."""
CLOSE_SECONDS: Final = 2.0
_READ_UNCOMMITTED: Final = 0
_NO_REPLICA: Final = -1
NO_OFFSET: Final = -1
"""Kafka's own way to say that there is none."""


class Edge(IntEnum):
    """The two offsets of a partition that Kafka tells of, in its own numbers."""

    END = -1
    START = -2


class TopicExtents(NamedTuple):
    """A topic's id, and offsets by partition."""

    topic_id: str
    starts: Mapping[int, int]
    ends: Mapping[int, int]


class TopicQueries:
    """Asks about one topic. Every answer, or `LogUnavailableError`, comes within `seconds`.

    Connects when first asked, and anew after any failure.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        topic: str,
        purpose: str,
        seconds: float = QUERY_SECONDS,
    ) -> None:
        self._connection = connection
        self._topic = topic
        self._purpose = purpose
        self._seconds = seconds
        self._client: AIOKafkaClient | None = None
        self._connecting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        client, self._client = self._client, None
        if client is not None:
            await close_within(client.close(), CLOSE_SECONDS)

    async def describe(self) -> TopicDescription:
        """The topic's id and the leaders of its partitions."""
        async with self._asking(f"describing topic {self._topic}") as client:
            return await describe_topic(client, self._topic)

    async def topic_id(self) -> str:
        """Another one when the topic was deleted and created again."""
        return (await self.describe()).topic_id

    async def extents(self, partitions: Collection[int]) -> "TopicExtents":
        """Where each of `partitions` starts and ends, all of one and the same topic."""
        topic_id = await self.topic_id()
        starts = await self.offsets(partitions, Edge.START)
        ends = await self.offsets(partitions, Edge.END)
        if await self.topic_id() != topic_id:
            raise LogUnavailableError(
                "the topic was created anew meanwhile", may_have_been_accepted=False
            )
        return TopicExtents(topic_id, starts, ends)

    async def offsets(self, partitions: Collection[int], of: Edge | int) -> Mapping[int, int]:
        """Where each of `partitions` starts, or ends, or has its first record of a time (ms since
        the epoch) or later: `NO_OFFSET` if there is none.
        """
        async with self._asking(f"asking for offsets of topic {self._topic}") as client:
            description = await describe_topic(client, self._topic)
            by_leader = self._by_leader(partitions, description)
            answers = await asyncio.gather(
                *(
                    client.send(leader, self._offset_request(led, of))
                    for leader, led in by_leader.items()
                )
            )
            return {
                partition: offset
                for answer in answers
                for partition, offset in _offsets_of(answer).items()
            }

    async def group_client_ids(self, group_id: str) -> Collection[str]:
        """The client ids of a consumer group's members."""
        async with self._asking(f"describing group {group_id}") as client:
            coordinator = await client.coordinator_lookup(CoordinationType.GROUP, group_id)
            answer = await client.send(coordinator, DescribeGroupsRequest(groups=[group_id]))
            error_code, _, _, _, _, members, *_ = answer.groups[0]
            _raise_for(error_code)
            return frozenset(client_id for _, client_id, *_ in members)

    def _by_leader(
        self, partitions: Collection[int], description: TopicDescription
    ) -> Mapping[int, list[int]]:
        by_leader: dict[int, list[int]] = defaultdict(list)
        for partition in partitions:
            leader = description.leaders.get(partition, _NO_REPLICA)
            if leader == _NO_REPLICA:
                raise LeaderNotAvailableError(f"{self._topic}-{partition}")
            by_leader[leader].append(partition)
        return by_leader

    def _offset_request(self, partitions: list[int], of: int) -> OffsetRequest:
        wanted = [(partition, of) for partition in partitions]
        return OffsetRequest(_NO_REPLICA, _READ_UNCOMMITTED, [(self._topic, wanted)])

    @asynccontextmanager
    async def _asking(self, doing: str) -> AsyncIterator[AIOKafkaClient]:
        client: AIOKafkaClient | None = None
        try:
            with LogErrors(doing):
                async with asyncio.timeout(self._seconds):
                    client = await self._connected()
                    yield client
        except Exception:
            self._discard(client)
            raise

    async def _connected(self) -> AIOKafkaClient:
        async with self._connecting:
            client = self._client
            if client is None:
                client = self._client = await self._connect()
            return client

    async def _connect(self) -> AIOKafkaClient:
        request_timeout_ms = int((self._seconds - _ANSWERED_SECONDS) * 1_000)
        client = AIOKafkaClient(**self._connection.arguments(self._purpose, request_timeout_ms))
        await opened(client.bootstrap(), client.close)
        return client

    def _discard(self, client: AIOKafkaClient | None) -> None:
        """Two may fail with one client; only the first of them discards it."""
        if self._client is client is not None:
            self._client = None
            close_in_background(client.close())


def _offsets_of(answer: Response) -> Mapping[int, int]:
    offsets: dict[int, int] = {}
    for _, partitions in answer.topics:
        for partition, error_code, _, offset, *_ in partitions:
            _raise_for(error_code)
            offsets[partition] = offset
    return offsets


def _raise_for(error_code: int) -> None:
    if error_code != 0:
        raise for_code(error_code)()
