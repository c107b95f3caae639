"""All partitions of the events' topic, read without any group."""

import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.consumers import POLL_MS, consuming
from adapters.outbound.kafka.errors import EventsErrors
from adapters.outbound.kafka.fairness import in_turns
from adapters.outbound.kafka.record_reader import SameTopic
from adapters.outbound.kafka.sentences import CREATED_AGAIN
from adapters.outbound.kafka.times import time_of
from adapters.outcome_events import read_event
from core.entities.outcome_event import FeedPlace, ToldEvent
from core.errors import EventsLostError, EventsUnavailableError

STALL_SECONDS: Final = 10.0
"""So long without an answer from Kafka, or with events of a partition that do not come."""


@asynccontextmanager
async def reading_events(
    connection: KafkaConnection, same_topic: SameTopic, topic: str, from_offsets: Sequence[int]
) -> AsyncIterator["KafkaEventReader"]:
    """A connected reader. Raises `EventsUnavailableError` when Kafka is away."""
    places = (TopicPartition(topic, partition) for partition in range(len(from_offsets)))
    offsets = dict(zip(places, from_offsets, strict=True))
    async with AsyncExitStack() as stack:
        with EventsErrors("connecting to Kafka"):
            consumer = await stack.enter_async_context(
                consuming(connection, "events-reader", offsets, "read_uncommitted")
            )
        yield KafkaEventReader(consumer, offsets, same_topic)


class KafkaEventReader:
    """An `EventReader` over a consumer of its own. `offsets` is where each partition goes on."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        offsets: dict[TopicPartition, int],
        same_topic: SameTopic,
    ) -> None:
        self._consumer = consumer
        self._offsets = offsets
        self._is_same_topic = same_topic
        self._fetched: deque[ToldEvent] = deque()
        self._ends = dict.fromkeys(offsets, 0)
        now = time.monotonic()
        self._flowing_at = dict.fromkeys(offsets, now)
        self._answers: dict[TopicPartition, int | None] = dict.fromkeys(offsets)

    async def read(self, max_events: int) -> Sequence[ToldEvent]:
        """The next events, at least one; what does not fit is kept for the next call."""
        while not self._fetched:
            await self._fetch()
        count = min(max_events, len(self._fetched))
        return [self._fetched.popleft() for _ in range(count)]

    async def _fetch(self) -> None:
        try:
            with EventsErrors("reading events"):
                polled = await self._poll()
                told = await in_turns(_told, [*chain.from_iterable(polled.values())])
                if polled:
                    await self._raise_if_another_topic()
        except BaseException:
            # Nothing was handed out, though aiokafka's own position may have moved on.
            for place, offset in self._offsets.items():
                self._consumer.seek(place, offset)
            raise
        for place, records in polled.items():
            self._offsets[place] = records[-1].offset + 1
            self._flowing_at[place] = time.monotonic()
        self._fetched.extend(told)
        self._raise_if_stalled()

    async def _poll(self) -> "dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]":
        try:
            polled: dict[TopicPartition, list[Any]] = await self._consumer.getmany(
                timeout_ms=POLL_MS
            )
        except OffsetOutOfRangeError as error:
            raise EventsLostError(f"events that were to be read are gone: {error}") from error
        return {place: records for place, records in polled.items() if records}

    async def _raise_if_another_topic(self) -> None:
        """A partition that is shorter than it was has lost events, and may have others there."""
        for place, end in self._ends.items():
            found = self._consumer.highwater(place) or end
            if found < end:
                raise EventsLostError(
                    f"{place.topic}-{place.partition} ended at offset {end}, and now at {found}"
                )
            self._ends[place] = found
        if not await self._is_same_topic():
            raise EventsLostError(CREATED_AGAIN)

    def _raise_if_stalled(self) -> None:
        """A failed fetch is only logged by aiokafka, and tried again for ever."""
        now = time.monotonic()
        for place, offset in self._offsets.items():
            answered = self._consumer.last_poll_timestamp(place)
            has_answer = answered != self._answers[place]
            self._answers[place] = answered
            if has_answer and (self._consumer.highwater(place) or 0) <= offset:
                self._flowing_at[place] = now
            elif now - self._flowing_at[place] > STALL_SECONDS:
                raise EventsUnavailableError(
                    f"reading {place.topic}-{place.partition} failed: nothing comes for "
                    f"{STALL_SECONDS:.0f} s"
                )


def _told(record: "ConsumerRecord[bytes, bytes]") -> ToldEvent:
    place = FeedPlace(record.partition, record.offset)
    return ToldEvent(place, read_event(record.value), time_of(record.timestamp))
