"""Answers that are worth having only soon."""

import asyncio
from collections.abc import Coroutine
from typing import Final, TypeVar

from core.errors import LedgerUnavailableError

T = TypeVar("T")

_late: Final[set["asyncio.Task[object]"]] = set()


async def within(seconds: float, asking: Coroutine[object, object, T]) -> T:
    """The answer, or `LedgerUnavailableError` when the time is up.

    What is late is cancelled and not waited for: a server that hangs takes its time to be left.
    """
    task = asyncio.ensure_future(asking)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if done:
        return task.result()
    _late.add(task)
    task.add_done_callback(_forget)
    task.cancel()
    raise LedgerUnavailableError(f"PostgreSQL did not answer within {seconds} s")


def _forget(task: "asyncio.Task[object]") -> None:
    _late.discard(task)
    if not task.cancelled():
        task.exception()  # looked at, lest asyncio complain that nobody did
