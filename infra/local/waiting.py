"""Waiting for a condition, with an end."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from infra.local.process import Died, Process

PAUSE_SECONDS = 0.05


class NotReady(Exception):
    """A process runs but did not answer in time."""

    def __init__(self, process: Process, seconds: float) -> None:
        self.log = process.command.log
        super().__init__(
            f"{process.name} runs but was not ready within {seconds:.0f} s; its log is {self.log}."
        )


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Whether the condition came to hold in that time."""
    end = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() >= end:
            return False
        await asyncio.sleep(PAUSE_SECONDS)
    return True


async def until_ready(
    process: Process, answers: Callable[[], Awaitable[bool]], seconds: float
) -> None:
    """Return when the process answers; `Died` if it ends first, `NotReady` if time runs out."""

    async def answers_or_ended() -> bool:
        return not process.runs or await answers()

    in_time = await until(answers_or_ended, seconds)
    if not process.runs:
        raise Died(process.command, await process.ended())
    if not in_time:
        raise NotReady(process, seconds)
