"""Outcomes in topics of their own."""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Final, Self

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
from core.errors import EventsUnavailableError, LogUnavailableError

PUBLISH_SECONDS: Final = 10.0
REQUEST_TIMEOUT_MS: Final = 5_000


class KafkaEvents:
    """`Events` in two topics: transactions, and dead letters with their own key and value.

    Both have as many partitions as the command log, and an outcome lies in its command's.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        topic: str,
        dead_topic: str,
        partition_count: int,
        representations: Representations,
    ) -> None:
        self._topic = topic
        self._dead_topic = dead_topic
        self._representations = representations
        self._link = ProducerLink(
            connection,
            ProducerSettings(
                purpose="events",
                topics=(topic, dead_topic),
                partition_count=partition_count,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
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
        except LogUnavailableError as error:
            raise EventsUnavailableError(str(error)) from error
        self._link.succeeded()

    async def _publish(self, partition: int, outcomes: Outcomes) -> None:
        sending = _Sending(self._link.producer(), partition)
        await sending.send(
            self._topic,
            await in_turns(
                lambda one: transaction_record(one, self._representations), outcomes.transactions
            ),
        )
        await sending.send(self._dead_topic, map(dead_letter_record, outcomes.dead_letters))
        await sending.confirmed()


class _Sending:
    """Batches to one partition. Many records share what aiokafka does for each batch."""

    def __init__(self, producer: AIOKafkaProducer, partition: int) -> None:
        self._producer = producer
        self._partition = partition
        self._confirmations: list[asyncio.Future[object]] = []

    async def send(self, topic: str, records: Iterable[EventRecord]) -> None:
        batch = self._producer.create_batch()
        for key, value, headers in records:
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                await self._hand_over(topic, batch)
                batch = self._producer.create_batch()
                batch.append(timestamp=None, key=key, value=value, headers=headers)
        if batch.record_count() > 0:
            await self._hand_over(topic, batch)

    async def confirmed(self) -> None:
        """Return when all is durable; wait for all, lest a failure be overlooked."""
        results = await asyncio.gather(*self._confirmations, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _hand_over(self, topic: str, batch: BatchBuilder) -> None:
        self._confirmations.append(
            await self._producer.send_batch(batch, topic, partition=self._partition)
        )
