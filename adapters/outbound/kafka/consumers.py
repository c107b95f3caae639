"""Starting consumers."""

import asyncio
from typing import Final

from aiokafka import AIOKafkaConsumer

from adapters.outbound.kafka.closing import close_in_background
from adapters.outbound.kafka.errors import LogErrors

CONNECT_SECONDS: Final = 5.0


async def started(consumer: AIOKafkaConsumer) -> AIOKafkaConsumer:
    """The consumer, connected; closed again and `LogUnavailableError` if Kafka is away."""
    try:
        with LogErrors("connecting to Kafka"):
            async with asyncio.timeout(CONNECT_SECONDS):
                await consumer.start()
    except BaseException:
        close_in_background(consumer.stop())
        raise
    return consumer
