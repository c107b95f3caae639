"""Telling the pages of all workers of a process together."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from core.usecases.tell_pages import NOTHING_TOLD, ToldPages

TellPagesCall = Callable[[Collection[int]], Awaitable[Mapping[int, ToldPages]]]
"""`TellPages`, or something around it."""


class _Round:
    """One telling, for all who asked before it began."""

    def __init__(self) -> None:
        self.partitions: set[int] = set()
        self.told: Mapping[int, ToldPages] | None = None


class PageTeller:
    """While one round is on its way, whoever asks waits for the next one, which is for all."""

    def __init__(self, tell_pages: TellPagesCall) -> None:
        self._tell_pages = tell_pages
        self._next = _Round()
        self._telling = asyncio.Lock()

    async def __call__(self, partition: int) -> ToldPages:
        """Tell the pages of a partition that are committed by now; what is told of them.

        Raises `EventsUnavailableError`, `LedgerUnavailableError`.
        """
        asked = self._next
        asked.partitions.add(partition)
        async with self._telling:
            if asked.told is None:
                # Closed only now: whoever came while the round before was told is in it.
                self._next = _Round()
                asked.told = await self._tell_pages(asked.partitions)
        return asked.told.get(partition, NOTHING_TOLD)
