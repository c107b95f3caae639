"""The appending side of the command log."""

import asyncio
import math
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final, Self

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.errors import LogErrors
from adapters.outbound.kafka.lane import ANSWER_SECONDS, Lane
from adapters.outbound.kafka.log_ends import LogEnds
from adapters.outbound.kafka.producer_link import ProducerLink, ProducerSettings
from adapters.outbound.kafka.queries import NO_OFFSET, Edge, TopicQueries
from adapters.outbound.kafka.times import milliseconds_of
from adapters.pace import LOW_MARK, Pace
from adapters.records import EncodedRecord, RawRecord, encode
from adapters.tracing import RecordHeaders
from core.entities.command import Command
from core.entities.record import Headers
from core.entities.shard import partition_of
from core.entities.transaction_id import shard_of_id
from core.errors import BrokenInvariantError, LogUnavailableError, PipelineFullError
from core.ports.command_log import Appended, LogOffsets
from core.ports.safeguard import Safeguard

REQUEST_TIMEOUT_MS: Final = 1_500
"""Shorter than the deadline of an answer: most failures are then known, not guessed."""
MAX_BATCH_BYTES: Final = 256 * 1024
MAX_RECORD_BYTES: Final = 512 * 1024
"""Key and value. A request's body has at most 64 KiB."""


class KafkaCommandLog:
    """A `CommandLog` and a `RecordLog` in a Kafka topic. Kafka may be away at any time, also when
    this starts.

    Also a `Dependency` of its process: in trouble while nothing can be written, be it that the
    `safeguard` does not permit the topic. While `max_in_flight` commands wait for an answer, others
    are refused at once. Those of one call are taken or refused together, so that at most so many
    and a batch wait.
    """

    name: Final = "command_log"

    def __init__(
        self,
        connection: KafkaConnection,
        topic: str,
        partition_count: int,
        max_in_flight: int,
        safeguard: Safeguard,
        *,
        further_headers: RecordHeaders | None = None,
    ) -> None:
        self._max_in_flight = max_in_flight
        self._further_headers = further_headers
        self._in_flight = 0
        self._answered = 0
        self._answering = Pace()
        self._link = ProducerLink(
            connection,
            ProducerSettings(
                purpose="commands",
                topics=(topic,),
                partition_count=partition_count,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
                max_batch_bytes=MAX_BATCH_BYTES,
                safeguard=safeguard,
            ),
        )
        self._lanes = [Lane(self._link, topic, number) for number in range(partition_count)]
        self._queries = TopicQueries(connection, topic, "ends")
        self._ends = LogEnds(self._queries)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._queries)
        await self._open.enter_async_context(self._link)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let what is in flight be confirmed, for at most `ANSWER_SECONDS`."""
        sending = {lane.sending for lane in self._lanes if lane.sending is not None}
        if sending:
            await asyncio.wait(sending, timeout=ANSWER_SECONDS)
        await self._open.aclose()

    @property
    def is_connected(self) -> bool:
        """Whether a command would be sent now, or refused at once."""
        return self._link.is_connected

    async def trouble(self) -> str | None:
        """None while a command would be sent at once."""
        return self._link.trouble

    async def append(self, command: Command) -> Appended:
        """Write the command to the partition of its user's shard."""
        self._ensure_room()
        return await self._append(command)

    async def _append(self, command: Command) -> Appended:
        partition = partition_of(shard_of_id(command.transaction_id), len(self._lanes))
        further = () if self._further_headers is None else self._further_headers()
        self._in_flight += 1
        try:
            return await self._lanes[partition].add(_fitting(encode(command, further)))
        finally:
            self._in_flight -= 1
            self._answered += 1
            self._answering.note(self._answered, time.monotonic())

    def _ensure_room(self) -> None:
        if self._in_flight < self._max_in_flight:
            return
        # Whatever Kafka does, by then each of those that wait has its answer.
        longest = math.ceil(ANSWER_SECONDS)
        excess = self._in_flight - LOW_MARK * self._max_in_flight
        raise PipelineFullError(
            f"the pipeline is full: {self._in_flight} commands wait for Kafka",
            retry_after_seconds=self._answering.seconds_for(excess, time.monotonic(), longest),
        )

    async def append_record(
        self, partition: int, key: bytes | None, value: bytes | None, headers: Headers
    ) -> Appended:
        """Write the record as it is."""
        return await self._lanes[partition].add(RawRecord(key, value, list(headers)))

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        """Write each of them; in their order, since each task runs up to its lane at once."""
        self._ensure_room()
        return await asyncio.gather(*(self._append_or_error(command) for command in commands))

    async def _append_or_error(self, command: Command) -> Appended | LogUnavailableError:
        try:
            return await self._append(command)
        except LogUnavailableError as error:
            return error

    async def end(self, partition: int) -> int:
        """The offset after the partition's last record."""
        with LogErrors(f"asking for the end of partition {partition}"):
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._ends.end(partition)

    async def offsets_after(self, time: datetime) -> LogOffsets:
        """Where later records begin; Kafka counts in milliseconds, and those before the epoch mean
        something else to it, or break the connection off.
        """
        partitions = range(len(self._lanes))
        later_from = max(milliseconds_of(time) + 1, 0)
        with LogErrors("asking for the offsets of a time"):
            async with asyncio.timeout(ANSWER_SECONDS):
                later = await self._queries.offsets(partitions, later_from)
                ends = await self._queries.offsets(partitions, Edge.END)
                # Last: ids do not come again, so the offsets are of this topic or of earlier ones.
                topic_id = (await self._queries.describe()).topic_id
        offsets = {
            partition: ends[partition] if later[partition] == NO_OFFSET else later[partition]
            for partition in partitions
        }
        return LogOffsets(topic_id, offsets)


def _fitting(record: EncodedRecord) -> EncodedRecord:
    """A broker refuses the whole batch for one record that is too large."""
    size = len(record.key) + len(record.value)
    if size > MAX_RECORD_BYTES:
        raise BrokenInvariantError(f"a command of {size} bytes came through all the checks")
    return record
