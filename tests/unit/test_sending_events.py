"""Batches of events, in their order whatever becomes of them."""

import asyncio
from typing import Any, Final

import pytest
from aiokafka.errors import KafkaTimeoutError
from aiokafka.producer.message_accumulator import BatchBuilder

from adapters.outbound.kafka.event_records import EventRecord
from adapters.outbound.kafka.telling import Sending

BATCH_BYTES: Final = 4_096
RECORDS: Final = [EventRecord(b"alice", b"%d" % number * 100, []) for number in range(100)]


class Broker:
    """Writes batches as they come, or loses the next ones, and says so, much later."""

    def __init__(self) -> None:
        self.written: list[int] = []
        self.to_lose = 0

    def create_batch(self) -> BatchBuilder:
        """An empty batch."""
        return BatchBuilder(BATCH_BYTES, compression_type=0)

    async def send_batch(
        self, batch: BatchBuilder, topic: str, *, partition: int
    ) -> "asyncio.Future[Any]":
        """What will tell whether it was written."""
        confirmed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.to_lose:
            self.to_lose -= 1
            asyncio.get_running_loop().call_soon(confirmed.set_exception, KafkaTimeoutError())
        else:
            self.written.append(batch.record_count())
            asyncio.get_running_loop().call_soon(confirmed.set_result, None)
        del topic, partition
        return confirmed


async def test_what_follows_a_batch_that_was_lost_is_not_written() -> None:
    broker = Broker()
    broker.to_lose = 1
    with pytest.raises(KafkaTimeoutError):
        await Sending(broker, "transactions", 0).send(RECORDS)
    assert broker.written == []


async def test_many_events_go_in_several_batches() -> None:
    broker = Broker()
    await Sending(broker, "transactions", 0).send(RECORDS)
    assert len(broker.written) > 2
    assert sum(broker.written) == len(RECORDS)
