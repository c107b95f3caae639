"""The records of one partition, read without any group."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.consumers import POLL_MS, consuming
from adapters.outbound.kafka.errors import LogErrors
from adapters.outbound.kafka.fairness import in_turns
from adapters.outbound.kafka.fetched import to_record
from adapters.outbound.kafka.sentences import CREATED_AGAIN
from core.entities.record import Record
from core.errors import HaltError, LogUnavailableError

MAX_FRUITLESS_POLLS: Final = 10
"""So many seconds without an answer from Kafka, or with records that do not come."""

SameTopic = Callable[[], Awaitable[bool]]
"""Whether the topic is the one that it was. Raises `LogUnavailableError`."""


@asynccontextmanager
async def reading(
    connection: KafkaConnection,
    same_topic: SameTopic,
    place: TopicPartition,
    from_offset: int,
) -> AsyncIterator["KafkaRecordReader"]:
    """A connected reader. Raises `LogUnavailableError` when Kafka is away."""
    purpose = f"reader-{place.partition}"
    # Commands of an aborted transaction were never accepted; what they leave is a gap.
    async with consuming(connection, purpose, {place: from_offset}, "read_committed") as consumer:
        yield KafkaRecordReader(consumer, place, from_offset, same_topic)


class KafkaRecordReader:
    """A `RecordReader` over a consumer of its own.

    It has no `value_deserializer`: one bad record would break the whole fetch.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        place: TopicPartition,
        from_offset: int,
        same_topic: SameTopic,
    ) -> None:
        self._consumer = consumer
        self._is_same_topic = same_topic
        self._place = place
        self._fetch_offset = from_offset
        self._fetched: deque[Record] = deque()
        self._last_answer_ms: int | None = None
        self._fruitless_polls = 0
        self._end_offset = 0

    async def read(self, max_records: int, max_bytes: int) -> Sequence[Record]:
        """The next records, at least one; what does not fit is kept for the next call."""
        while not self._fetched:
            await self._fetch()
        taken = [self._fetched.popleft()]
        rest_bytes = max_bytes - taken[0].size_bytes
        while self._fetched and len(taken) < max_records:
            rest_bytes -= self._fetched[0].size_bytes
            if rest_bytes < 0:
                break
            taken.append(self._fetched.popleft())
        return taken

    async def _fetch(self) -> None:
        try:
            with LogErrors(f"reading {self._where}"):
                polled = await self._poll()
            if polled:
                await self._raise_if_another_log()
        except BaseException:
            # Nothing was handed out, though aiokafka's own position may have moved on.
            self._consumer.seek(self._place, self._fetch_offset)
            raise
        if polled:
            self._fetched.extend(polled)
            self._fetch_offset = polled[-1].position.offset + 1
            self._fruitless_polls = 0
        else:
            self._raise_if_stalled()

    async def _poll(self) -> list[Record]:
        try:
            polled = await self._consumer.getmany(self._place, timeout_ms=POLL_MS)
        except OffsetOutOfRangeError as error:
            raise HaltError(
                f"the record at offset {self._fetch_offset} of {self._where} is not in the log: "
                "it was deleted before it was posted, or the log lost its tail"
            ) from error
        except UnicodeDecodeError as error:
            raise HaltError(
                f"a record at or after offset {self._fetch_offset} of {self._where} cannot be read "
                f"by any client of this kind: {error}"
            ) from error
        return await in_turns(to_record, polled.get(self._place, ()))

    async def _raise_if_another_log(self) -> None:
        """A log that is shorter than it was has lost records; whoever takes over finds which."""
        end_offset = self._consumer.highwater(self._place) or 0
        if end_offset < self._end_offset:
            raise LogUnavailableError(
                f"{self._where} ended at offset {self._end_offset}, and now at {end_offset}",
                may_have_been_accepted=False,
            )
        self._end_offset = end_offset
        if not await self._is_same_topic():
            raise LogUnavailableError(CREATED_AGAIN, may_have_been_accepted=False)

    def _raise_if_stalled(self) -> None:
        """A failed fetch is only logged by aiokafka, and tried again for ever."""
        answered_ms = self._consumer.last_poll_timestamp(self._place)
        has_answer = answered_ms != self._last_answer_ms
        self._last_answer_ms = answered_ms
        if has_answer and not self._lags:
            self._fruitless_polls = 0
            return
        self._fruitless_polls += 1
        if self._fruitless_polls >= MAX_FRUITLESS_POLLS:
            self._fruitless_polls = 0
            waited = "records do not come" if has_answer else "Kafka does not answer"
            raise LogUnavailableError(
                f"reading {self._where} failed: {waited} for {MAX_FRUITLESS_POLLS} s",
                may_have_been_accepted=False,
            )

    @property
    def _lags(self) -> bool:
        return (self._consumer.highwater(self._place) or 0) > self._fetch_offset

    @property
    def _where(self) -> str:
        return f"{self._place.topic}-{self._place.partition}"
