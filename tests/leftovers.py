"""Nobody's work goes on when a test is over.

All tests share one event loop: what one leaves behind logs, retries and takes memory in another,
which fails for it now and then, and elsewhere.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

import pytest

GRACE_SECONDS: Final = 30.0
"""For what ends by its own deadlines; never reached unless something is broken."""


@pytest.fixture(autouse=True)
async def nothing_is_left_running() -> AsyncIterator[None]:
    """Fail a test that leaves a task behind which does not end by itself."""
    before = asyncio.all_tasks()
    yield
    others = before | {asyncio.current_task()}
    deadline = time.monotonic() + GRACE_SECONDS
    while (left := asyncio.all_tasks() - others) and time.monotonic() < deadline:
        # What ends may have started something else meanwhile.
        await asyncio.wait(left, timeout=GRACE_SECONDS / 10)
    places = "\n".join(map(_where, left))
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    assert not left, places


def _where(task: "asyncio.Task[object]") -> str:
    lines = [f"{frame.f_code.co_filename}:{frame.f_lineno}" for frame in task.get_stack()]
    return f"{task.get_name()} goes on: {task.get_coro()} at {', '.join(lines)}"
