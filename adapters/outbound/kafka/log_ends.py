"""Where partitions end, asked for once for all who want to know at the time."""

import asyncio
from collections.abc import Mapping

from adapters.outbound.kafka.queries import Edge, TopicQueries


class LogEnds:
    """One request at a time; who comes while it is under way shares the next one.

    So an answer is never older than its question.
    """

    def __init__(self, queries: TopicQueries) -> None:
        self._queries = queries
        self._asking = asyncio.Lock()
        self._wanted: set[int] = set()
        self._round: asyncio.Task[Mapping[int, int]] | None = None

    async def end(self, partition: int) -> int:
        """The offset after the partition's last record. Raises `LogUnavailableError`."""
        self._wanted.add(partition)
        if self._round is None:
            self._round = asyncio.create_task(self._ask())
            self._round.add_done_callback(_look_at)
        # Shielded: the others who share the round are not to suffer from one who gives up.
        return (await asyncio.shield(self._round))[partition]

    async def _ask(self) -> Mapping[int, int]:
        async with self._asking:
            self._round = None
            wanted, self._wanted = self._wanted, set()
            return await self._queries.offsets(wanted, Edge.END)


def _look_at(asked: asyncio.Task[Mapping[int, int]]) -> None:
    """An error that nobody waits for any more is not to be reported as forgotten."""
    if not asked.cancelled():
        asked.exception()
