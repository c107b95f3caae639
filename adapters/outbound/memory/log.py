"""A command log in memory, as the fakes of its two sides share it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from adapters.records import decode
from core.entities.position import Position
from core.entities.record import Headers, Record
from core.ports.command_feed import LogExtent, PartitionOwner


class MemoryLog:
    """Partitions of records. What befalls a real log can be done to it, too."""

    def __init__(self, partition_count: int) -> None:
        self.partition_count = partition_count
        self.members: list[PartitionOwner] = []
        self._topic_number = 1
        self._records: list[list[Record]] = [[] for _ in range(partition_count)]
        self._start_offsets = [0] * partition_count
        self._appended = [asyncio.Event() for _ in range(partition_count)]

    def append(
        self,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        appended_at: datetime,
    ) -> Position:
        """Write a record as it is, whether it can be read or not."""
        position = Position(partition, self._end(partition))
        content = decode(value, headers)
        record = Record(position, appended_at, key, value, tuple(headers), content)
        self._records[partition].append(record)
        self._appended[partition].set()
        return position

    def extent(self, partition: int) -> LogExtent:
        """What the partition holds."""
        topic_id = str(UUID(int=self._topic_number))
        return LogExtent(topic_id, self._start_offsets[partition], self._end(partition))

    def records(self, partition: int, from_offset: int, limit: int) -> Sequence[Record]:
        """At most `limit` records from `from_offset` on."""
        index = from_offset - self._start_offsets[partition]
        return self._records[partition][index : index + limit]

    def first_after(self, partition: int, time: datetime) -> int:
        """The offset of the first record of a later time, or the partition's end."""
        for record in self._records[partition]:
            if record.recorded_at > time:
                return record.position.offset
        return self._end(partition)

    async def wait_beyond(self, partition: int, offset: int) -> None:
        """Return once the partition holds a record at `offset` or later."""
        while self._end(partition) <= offset:
            self._appended[partition].clear()
            await self._appended[partition].wait()

    def delete_before(self, partition: int, offset: int) -> None:
        """Do as retention does."""
        del self._records[partition][: offset - self._start_offsets[partition]]
        self._start_offsets[partition] = offset

    def lose_tail(self, partition: int, from_offset: int) -> None:
        """Do as the loss of unflushed data does."""
        del self._records[partition][from_offset - self._start_offsets[partition] :]

    def replace(self, partition: int, offset: int, value: bytes) -> None:
        """Do as whoever copies a log with a record changed does."""
        index = offset - self._start_offsets[partition]
        record = self._records[partition][index]
        content = decode(value, record.headers)
        self._records[partition][index] = record._replace(value=value, content=content)

    def recreate(self) -> None:
        """Do as the deletion of the topic and its creation under the same name do."""
        self._topic_number += 1
        self._start_offsets = [0] * self.partition_count
        for records in self._records:
            records.clear()

    def _end(self, partition: int) -> int:
        return self._start_offsets[partition] + len(self._records[partition])
