"""The way of commands to one partition: one batch on the way, the next one gathering."""

import asyncio
from collections import deque
from typing import Final

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from adapters.outbound.kafka.errors import LogErrors
from adapters.outbound.kafka.producer_link import ProducerLink
from adapters.outbound.kafka.times import time_of
from adapters.records import EncodedRecord, RawRecord
from core.entities.position import Position
from core.errors import LogUnavailableError
from core.ports.command_log import Appended

ANSWER_SECONDS: Final = 1.8
_NOT_STAMPED: Final = -1


class Batch:
    """Records that are sent together, and those who wait for them, in the same order.

    The deadline is that of the first, so nobody waits longer than `ANSWER_SECONDS`.
    """

    __slots__ = ("builder", "deadline", "waiting")

    def __init__(self, builder: BatchBuilder, deadline: float) -> None:
        self.builder = builder
        self.deadline = deadline
        self.waiting: list[asyncio.Future[Appended]] = []

    def add(self, record: EncodedRecord | RawRecord) -> bool:
        """False if the batch is full; the first record always fits."""
        added = self.builder.append(
            timestamp=None, key=record.key, value=record.value, headers=record.headers
        )
        return added is not None

    def confirm(self, metadata: RecordMetadata) -> None:
        """Tell everyone where their record lies."""
        appended_at = time_of(metadata.timestamp)
        for offset, one in enumerate(self.waiting, metadata.offset):
            if not one.done():
                one.set_result(Appended(Position(metadata.partition, offset), appended_at))

    def fail(self, error: LogUnavailableError) -> None:
        """Tell everyone, each with an error of their own: tracebacks grow on shared ones."""
        for one in self.waiting:
            if not one.done():
                own = LogUnavailableError(
                    str(error), may_have_been_accepted=error.may_have_been_accepted
                )
                own.__cause__ = error
                one.set_exception(own)


class Lane:
    """Sends batch after batch, each when the one before is confirmed: this keeps the order.

    aiokafka's own `send` would do it, too, at three times the CPU, and without telling what was
    never sent from what may have been.
    """

    def __init__(self, link: ProducerLink, topic: str, partition: int) -> None:
        self._link = link
        self._topic = topic
        self._partition = partition
        self._gathering: deque[Batch] = deque()
        self.sending: asyncio.Task[None] | None = None

    def add(self, record: EncodedRecord | RawRecord) -> "asyncio.Future[Appended]":
        """What will tell where the record lies. Raises `LogUnavailableError` when Kafka is away."""
        loop = asyncio.get_running_loop()
        if not self._gathering or not self._gathering[-1].add(record):
            builder = self._link.producer().create_batch()
            batch = Batch(builder, loop.time() + ANSWER_SECONDS)
            batch.add(record)
            self._gathering.append(batch)
        told: asyncio.Future[Appended] = loop.create_future()
        self._gathering[-1].waiting.append(told)
        if self.sending is None:
            self.sending = loop.create_task(self._send_all())
        return told

    async def _send_all(self) -> None:
        try:
            while self._gathering:
                await self._send(self._gathering.popleft())
        finally:
            self.sending = None

    async def _send(self, batch: Batch) -> None:
        failure = LogUnavailableError("the sender was stopped", may_have_been_accepted=True)
        try:
            batch.confirm(await self._confirmed(batch))
            self._link.succeeded()
        except LogUnavailableError as error:
            failure = error
            self._link.failed()
            if error.may_have_been_accepted:
                self._give_up_gathering(error)
        finally:
            batch.fail(failure)

    async def _confirmed(self, batch: Batch) -> RecordMetadata:
        with LogErrors("writing the command") as errors:
            if asyncio.get_running_loop().time() >= batch.deadline:
                raise TimeoutError
            async with asyncio.timeout_at(batch.deadline):
                confirmation = await self._link.producer().send_batch(
                    batch.builder, self._topic, partition=self._partition
                )
                # From here on aiokafka may send it, even after we gave up.
                errors.may_have_been_accepted = True
                metadata = await confirmation
            if metadata.timestamp == _NOT_STAMPED:
                raise ValueError("the topic's message.timestamp.type is not LogAppendTime")
            return metadata

    def _give_up_gathering(self, error: LogUnavailableError) -> None:
        """What gathered behind a batch that got no answer has no time left to get one itself."""
        detail = f"not sent, since an earlier command was not confirmed: {error}"
        while self._gathering:
            batch = self._gathering.popleft()
            batch.fail(LogUnavailableError(detail, may_have_been_accepted=False))
