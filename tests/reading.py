"""Reading a log from a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.ports.command_feed import CommandFeed, RecordReader


@asynccontextmanager
async def reading(
    feed: CommandFeed, partition: int, from_offset: int
) -> AsyncIterator[RecordReader]:
    """A reader of the topic that is there now."""
    topic_id = (await feed.extent(partition)).topic_id
    async with feed.reader(partition, from_offset, topic_id) as reader:
        yield reader
