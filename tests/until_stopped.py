"""Long work of a verb, which ends in order when somebody asks for its end."""

import asyncio
from collections.abc import Coroutine

from infra.local.__main__ import INTERRUPTED
from infra.local.screen import Screen
from infra.local.stopping import StopRequest


async def until_stopped(work: Coroutine[object, object, int], screen: Screen) -> int:
    """The exit status of the work, or `INTERRUPTED` once it has cleared up after a request."""
    request = StopRequest(asyncio.Event())
    request.listen()
    follow = asyncio.create_task(request.follow_parent())
    asked = asyncio.create_task(request.asked.wait())
    task = asyncio.create_task(work)
    try:
        await asyncio.wait((task, asked), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        screen.say("\nstopping")
        await _cancelled(task, screen)
        return INTERRUPTED
    finally:
        follow.cancel()
        asked.cancel()


async def _cancelled(task: asyncio.Task[int], screen: Screen) -> None:
    """Stop the work, and say what cannot be stopped."""
    task.cancel()
    await asyncio.wait((task,))
    if not task.cancelled() and (error := task.exception()) is not None:
        screen.say(str(error))
