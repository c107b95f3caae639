"""Starting consumers, and reading from where the caller says."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Literal

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from adapters.outbound.kafka.closing import close_within, opened
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.errors import LogErrors

CONNECT_SECONDS: Final = 5.0
REQUEST_TIMEOUT_MS: Final = 5_000
FETCH_MAX_WAIT_MS: Final = 500
MAX_FETCH_BYTES: Final = 1024 * 1024
POLL_MS: Final = 1_000
CLOSE_SECONDS: Final = 2.0


async def started(consumer: AIOKafkaConsumer) -> AIOKafkaConsumer:
    """The consumer, connected; closed again and `LogUnavailableError` if Kafka is away."""
    with LogErrors("connecting to Kafka"):
        async with asyncio.timeout(CONNECT_SECONDS):
            await opened(consumer.start(), lambda: stop(consumer))
    return consumer


async def stop(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, and its client whatever becomes of the rest.

    aiokafka's fetcher raises its own cancellation if it paused between two attempts, which it does
    whenever Kafka is away; the client, left open, would try to connect for ever.
    """
    try:
        await consumer.stop()
    except BaseException:
        await consumer._client.close()  # noqa: SLF001 (the consumer takes itself for stopped)
        raise


@asynccontextmanager
async def consuming(
    connection: KafkaConnection,
    purpose: str,
    offsets: Mapping[TopicPartition, int],
    isolation_level: Literal["read_committed", "read_uncommitted"],
) -> AsyncIterator[AIOKafkaConsumer]:
    """A connected consumer of these partitions alone, each from its offset on, in no group.

    Raises `LogUnavailableError` when Kafka is away.
    """
    consumer = await started(
        AIOKafkaConsumer(
            **connection.arguments(purpose, REQUEST_TIMEOUT_MS),
            # Nobody but the caller says where reading goes on.
            auto_offset_reset="none",
            enable_auto_commit=False,
            isolation_level=isolation_level,
            fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
            max_partition_fetch_bytes=MAX_FETCH_BYTES,
        )
    )
    try:
        consumer.assign([*offsets])
        for place, offset in offsets.items():
            consumer.seek(place, offset)
        yield consumer
    finally:
        await close_within(stop(consumer), CLOSE_SECONDS)
