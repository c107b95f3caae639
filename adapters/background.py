"""Tasks that go on beside others until they are ended."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Final, NoReturn

import structlog

CANCEL_AGAIN_SECONDS: Final = 5.0

_log = structlog.get_logger(__name__)


async def end(task: "asyncio.Task[None]", last_work_seconds: float = 0.0) -> None:
    """Cancel the task until it has ended: a library that swallowed one cancellation would
    otherwise keep it going, and whoever waits for it, for ever.

    What it does in the end for as long as `last_work_seconds` is not cut off.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=last_work_seconds + CANCEL_AGAIN_SECONDS)
        if not task.done():
            _log.warning("task_does_not_end", task=task.get_name(), stack=str(task.get_stack()))
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("task_failed", task=task.get_name(), exc_info=error)


async def repeat(
    call: Callable[[], Awaitable[object]], pause_seconds: float, failed: str
) -> NoReturn:
    """Call again and again. What is raised is logged as the event `failed`, and ends nothing: a bug
    must not leave things as they were for ever.
    """
    while True:
        try:
            await call()
        except Exception:  # noqa: BLE001 (whatever it is, the next call may succeed)
            _log.exception(failed)
        await asyncio.sleep(pause_seconds)


@asynccontextmanager
async def beside(
    work: Coroutine[object, object, None], name: str, last_work_seconds: float = 0.0
) -> AsyncIterator[None]:
    """Have `work` done while the context lasts, and `end` it then."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        await end(task, last_work_seconds)
