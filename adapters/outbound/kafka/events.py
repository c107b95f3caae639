"""Outcomes in topics of their own."""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.errors import EventsErrors
from adapters.outbound.kafka.event_records import (
    EventRecord,
    dead_letter_record,
    transaction_record,
)
from adapters.outbound.kafka.fairness import in_turns
from adapters.outbound.kafka.producer_link import ProducerLink, ProducerSettings
from adapters.representations import Representations
from core.entities.page import Outcomes
from core.entities.transaction import Transaction
from core.errors import EventsUnavailableError

PUBLISH_SECONDS: Final = 10.0
REQUEST_TIMEOUT_MS: Final = 5_000
MAX_BATCH_BYTES: Final = 768 * 1024


class EventTopics(NamedTuple):
    """Where outcomes are told; both have as many partitions as the command log."""

    transactions: str
    dead: str
    partition_count: int


class KafkaEvents:
    """`Events` in two topics: transactions, and dead letters with their own key and value.

    An outcome lies in its command's partition. `source` is what CloudEvents calls so: which ledger
    it is.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        topics: EventTopics,
        source: str,
        representations: Representations,
    ) -> None:
        self._topics = topics
        self._source = source.encode()
        self._representations = representations
        self._link = ProducerLink(
            connection,
            ProducerSettings(
                purpose="events",
                topics=(topics.transactions, topics.dead),
                partition_count=topics.partition_count,
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
        """Whether outcomes would be sent now, or refused at once."""
        return self._link.is_connected

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """Tell the outcomes, in their order; all are durable on return."""
        try:
            with EventsErrors("publishing outcomes"):
                async with asyncio.timeout(PUBLISH_SECONDS):
                    await self._publish(partition, outcomes)
        except EventsUnavailableError:
            self._link.failed()
            raise
        self._link.succeeded()

    async def _publish(self, partition: int, outcomes: Outcomes) -> None:
        producer = self._link.producer()
        sending = Sending(producer, self._topics.transactions, partition)
        await sending.send(await in_turns(self._record, outcomes.transactions))
        letters = Sending(producer, self._topics.dead, partition)
        await letters.send([dead_letter_record(one) for one in outcomes.dead_letters])

    def _record(self, transaction: Transaction) -> EventRecord:
        return transaction_record(transaction, self._source, self._representations)


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
