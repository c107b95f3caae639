"""A text file from its head, its entries, and its tail."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from adapters.statements.format import EntryRuns
from core.entities.statement import StatementEntry

MAX_SLICE_ENTRIES: Final = 100
"""Entries that are rendered before others get the event loop: a few milliseconds."""


async def streamed(
    head: str, render: Callable[[Sequence[StatementEntry]], str], tail: str, runs: EntryRuns
) -> AsyncIterator[bytes]:
    """The UTF-8 bytes of `head`, of what `render` makes of the entries, and of `tail`."""
    if head:
        yield head.encode()
    async for run in runs:
        for start in range(0, len(run), MAX_SLICE_ENTRIES):
            yield render(run[start : start + MAX_SLICE_ENTRIES]).encode()
            await asyncio.sleep(0)
    if tail:
        yield tail.encode()
