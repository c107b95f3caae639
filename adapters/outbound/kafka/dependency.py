"""Whether Kafka is there."""

from typing import Final, Self

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.queries import TopicQueries
from adapters.outbound.kafka.sentences import wrong_partition_count
from core.errors import LogUnavailableError


class KafkaDependency:
    """A `Dependency`: a broker answers, the topic has its partitions, and each has a leader."""

    name: Final = "kafka"

    def __init__(self, connection: KafkaConnection, topic: str, partition_count: int) -> None:
        self._topic = topic
        self._partition_count = partition_count
        self._queries = TopicQueries(connection, topic, "health")

    async def __aenter__(self) -> Self:
        await self._queries.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._queries.__aexit__()

    async def trouble(self) -> str | None:
        """None while commands can be written and read."""
        try:
            leaders = (await self._queries.describe()).leaders
        except LogUnavailableError as error:
            return str(error)
        if len(leaders) != self._partition_count:
            return wrong_partition_count(self._topic, self._partition_count, len(leaders))
        leaderless = sorted(partition for partition, leader in leaders.items() if leader < 0)
        return f"no broker leads the partitions {leaderless}" if leaderless else None
