"""Reading the command log in stretches that follow each other."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final, NamedTuple, Self

from core.entities.record import Record
from core.errors import DifferenceError
from core.ports.command_feed import CommandFeed, RecordReader

MAX_BYTES_AT_ONCE: Final = 8 * 1024 * 1024


class _Reading(NamedTuple):
    reader: RecordReader
    open: AsyncExitStack
    end_offset: int


class LogStretches:
    """One reader for each partition, opened when it is first read and kept."""

    def __init__(self, feed: CommandFeed) -> None:
        self._feed = feed
        self._readings: dict[int, _Reading] = {}
        self._next: dict[int, int] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for partition in [*self._readings]:
            await self._close(partition)

    async def read(self, partition: int, first_offset: int, next_offset: int) -> Sequence[Record]:
        """The records of a stretch that is not empty.

        Raises `DifferenceError` if the log does not hold all of them; `HaltError`;
        `LogUnavailableError`.
        """
        reading = await self._reading(partition, first_offset, next_offset)
        records: list[Record] = []
        while len(records) < next_offset - first_offset:
            wanted = next_offset - first_offset - len(records)
            records += await reading.reader.read(wanted, MAX_BYTES_AT_ONCE)
        found = [record.position.offset for record in records]
        if found != [*range(first_offset, next_offset)]:
            raise DifferenceError(
                f"partition {partition} of the log does not hold offsets {first_offset} to "
                f"{next_offset - 1} without a gap"
            )
        self._next[partition] = next_offset
        return records

    async def _reading(self, partition: int, first_offset: int, next_offset: int) -> _Reading:
        known = self._readings.get(partition)
        if known and self._next[partition] == first_offset and next_offset <= known.end_offset:
            return known
        await self._close(partition)
        extent = await self._feed.extent(partition)
        if first_offset < extent.start_offset or next_offset > extent.end_offset:
            raise DifferenceError(
                f"partition {partition} of the log has offsets {extent.start_offset} to "
                f"{extent.end_offset - 1}, and not {first_offset} to {next_offset - 1}"
            )
        stack = AsyncExitStack()
        reader = await stack.enter_async_context(
            self._feed.reader(partition, first_offset, extent.topic_id)
        )
        opened = _Reading(reader, stack, extent.end_offset)
        self._readings[partition] = opened
        return opened

    async def _close(self, partition: int) -> None:
        reading = self._readings.pop(partition, None)
        if reading is not None:
            await reading.open.aclose()
