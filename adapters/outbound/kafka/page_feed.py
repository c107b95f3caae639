"""The reading side of the topic of pages."""

import time
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Final, Self

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.consumers import POLL_MS, consuming
from adapters.outbound.kafka.errors import EventsErrors
from adapters.outbound.kafka.queries import PATIENT_QUERY_SECONDS, TopicQueries
from adapters.page_records import decode_row, is_head
from core.entities.page_row import PageRow
from core.errors import EventsLostError, EventsUnavailableError

LAST_RECORDS: Final = 500
"""Among so many the last own row is found, though older ones were told again behind it."""
STALL_SECONDS: Final = 10.0


class KafkaPageFeed:
    """A `PageFeed` over a Kafka topic."""

    def __init__(self, connection: KafkaConnection, topic: str, partition_count: int) -> None:
        self._connection = connection
        self._topic = topic
        self._partitions = range(partition_count)
        self._queries = TopicQueries(connection, topic, "pages-extents", PATIENT_QUERY_SECONDS)

    async def __aenter__(self) -> Self:
        await self._queries.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._queries.__aexit__()

    async def last(self, partitions: Collection[int]) -> Mapping[int, PageRow]:
        """The partitions' own rows of the highest numbers that were told."""
        with EventsErrors("looking for the last pages"):
            _, starts, ends = await self._queries.extents(partitions)
        found: dict[int, PageRow] = {}
        begins = dict(ends)
        while begins:
            begins = {
                partition: max(starts[partition], begin - LAST_RECORDS)
                for partition, begin in begins.items()
                if begin > starts[partition]
            }
            async for place, row in self._placed(begins, ends):
                known = found.get(place)
                if row.partition == place and (known is None or known.number < row.number):
                    found[place] = row
            begins = {one: begin for one, begin in begins.items() if one not in found}
        return found

    async def rows(self) -> AsyncIterator[PageRow]:
        """Every row that was told before the call."""
        with EventsErrors("looking at the pages"):
            _, starts, ends = await self._queries.extents(self._partitions)
        gone = [partition for partition, start in starts.items() if start > 0]
        if gone:
            raise EventsLostError(f"the first pages of {self._topic}-{gone[0]} were deleted")
        async for _, row in self._placed(starts, ends):
            yield row

    async def _placed(
        self, begins: Mapping[int, int], ends: Mapping[int, int]
    ) -> AsyncIterator[tuple[int, PageRow]]:
        """The rows, each with the partition of the topic in which it lies."""
        offsets = {
            TopicPartition(self._topic, partition): begin
            for partition, begin in begins.items()
            if begin < ends[partition]
        }
        if not offsets:
            return
        with EventsErrors("reading pages"):
            async with consuming(
                self._connection, "pages-reader", offsets, "read_committed"
            ) as consumer:
                async for record in _until(consumer, offsets, ends):
                    if not is_head(record.headers):
                        yield record.partition, _row(record)


async def _until(
    consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int], ends: Mapping[int, int]
) -> AsyncIterator["ConsumerRecord[bytes, bytes]"]:
    """The records before the ends."""
    came_at = time.monotonic()
    while any(offset < ends[place.partition] for place, offset in offsets.items()):
        try:
            polled = await consumer.getmany(timeout_ms=POLL_MS)
        except OffsetOutOfRangeError as error:
            raise EventsLostError(f"pages that were to be read are gone: {error}") from error
        for place in offsets:
            # A position moves over what an aborted transaction left, too.
            offsets[place] = await consumer.position(place)
        for place, records in polled.items():
            for record in records:
                if record.offset < ends[place.partition]:
                    yield record
        if polled:
            came_at = time.monotonic()
        elif time.monotonic() - came_at > STALL_SECONDS:
            raise EventsUnavailableError(f"pages do not come for {STALL_SECONDS:.0f} s")


def _row(record: "ConsumerRecord[bytes, bytes]") -> PageRow:
    try:
        return decode_row(record.value)
    except ValueError as error:
        raise EventsLostError(
            f"what lies at offset {record.offset} of {record.topic}-{record.partition} is {error}"
        ) from error
