"""A bar that moves with time, on a terminal; in a log, nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TimeElapsedColumn

PAUSE_SECONDS: Final = 0.25


@asynccontextmanager
async def moving(seconds: float) -> AsyncIterator[None]:
    """Show the bar, full after so many seconds, until the end of the block."""
    console = Console()
    columns = (SpinnerColumn(), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = asyncio.create_task(_move(bar, seconds))
        try:
            yield
        finally:
            task.cancel()


async def _move(bar: Progress, seconds: float) -> None:
    job = bar.add_task("", total=seconds)
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        bar.advance(job, PAUSE_SECONDS)
