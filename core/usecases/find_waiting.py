"""Find a command that is accepted and not decided yet."""

from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from core.entities.record import Record
from core.ports.command_feed import CommandFeed

MAX_RECORDS_LOOKED_AT: Final = 200_000
"""Some seconds' work: an id may be one that nobody ever used."""
_AT_ONCE: Final = 2_000
_BYTES_AT_ONCE: Final = 1 << 20


class Waiting(NamedTuple):
    """The record, if it was found; it is the last of `looked_at` then. `is_all` says that nothing
    was left to look at.
    """

    record: Record | None
    looked_at: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class FindWaiting:
    """Looks through what the log holds beyond the ledger's position."""

    feed: CommandFeed

    async def __call__(self, transaction_id: UUID, partition: int, next_offset: int) -> Waiting:
        """The first record of this id, at `next_offset` or later.

        Raises `LogUnavailableError`, and `HaltError` where the log has lost what was to be read.
        """
        extent = await self.feed.extent(partition)
        start = max(next_offset, extent.start_offset)
        count = max(extent.end_offset - start, 0)
        most = min(count, MAX_RECORDS_LOOKED_AT)
        if most == 0:
            return Waiting(None, 0, is_all=True)
        looked_at = 0
        async with self.feed.reader(partition, start, extent.topic_id) as reader:
            while looked_at < most:
                for record in await reader.read(min(_AT_ONCE, most - looked_at), _BYTES_AT_ONCE):
                    looked_at += 1
                    if record.content.transaction_id == transaction_id:
                        return Waiting(record, looked_at, is_all=False)
        return Waiting(None, looked_at, is_all=looked_at >= count)
