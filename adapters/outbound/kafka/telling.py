"""Telling what was decided: records that are durable when the call returns, in their order."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Self

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.errors import EventsErrors
from adapters.outbound.kafka.event_records import EventRecord
from adapters.outbound.kafka.producer_link import ProducerLink, ProducerSettings
from core.errors import EventsUnavailableError

TELL_SECONDS: Final = 10.0
REQUEST_TIMEOUT_MS: Final = 5_000
MAX_BATCH_BYTES: Final = 768 * 1024


class Telling:
    """A link to topics in which something is told; all have as many partitions as the command log.

    `purpose` names it in logs.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        purpose: str,
        topics: Collection[str],
        partition_count: int,
    ) -> None:
        self._link = ProducerLink(
            connection,
            ProducerSettings(
                purpose=purpose,
                topics=tuple(topics),
                partition_count=partition_count,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
                max_batch_bytes=MAX_BATCH_BYTES,
            ),
        )
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._link)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    @property
    def is_connected(self) -> bool:
        """Whether records would be sent now, or refused at once."""
        return self._link.is_connected

    @asynccontextmanager
    async def _telling(self, doing: str) -> AsyncIterator[AIOKafkaProducer]:
        """What to send with, for at most `TELL_SECONDS`. Raises `EventsUnavailableError`."""
        try:
            with EventsErrors(doing):
                async with asyncio.timeout(TELL_SECONDS):
                    yield self._link.producer()
        except EventsUnavailableError:
            self._link.failed()
            raise
        self._link.succeeded()


class Sending:
    """Batches to one partition, each when the one before is confirmed: this keeps the order.

    Were two on the way, the second might be written and the first not; sent again, it would lie
    behind. Many records in a batch share what aiokafka does for each.
    """

    def __init__(self, producer: AIOKafkaProducer, topic: str, partition: int) -> None:
        self._producer = producer
        self._topic = topic
        self._partition = partition

    async def send(self, records: Iterable[EventRecord]) -> None:
        """Return when all of them are durable."""
        batch = self._producer.create_batch()
        for record in records:
            if not _fits(record, batch):
                await self._confirmed(batch)
                batch = self._producer.create_batch()
                _fits(record, batch)
        if batch.record_count() > 0:
            await self._confirmed(batch)

    async def _confirmed(self, batch: BatchBuilder) -> None:
        await (await self._producer.send_batch(batch, self._topic, partition=self._partition))


def _fits(record: EventRecord, batch: BatchBuilder) -> bool:
    """Add it; False if the batch is full. The first record always fits."""
    key, value, headers = record
    return batch.append(timestamp=None, key=key, value=value, headers=headers) is not None
