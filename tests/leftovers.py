"""Nobody's work goes on when a test is over.

All tests share one event loop: what one leaves behind logs, retries and takes memory in another,
which fails for it now and then, and elsewhere.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest

GRACE_SECONDS: Final = 60.0
"""For what ends by its own deadlines; never reached unless something is broken."""


@pytest.fixture(autouse=True)
async def nothing_is_left_running() -> AsyncIterator[None]:
    """Fail a test that leaves a task behind which does not end by itself."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if not left:
        return
    _, running = await asyncio.wait(left, timeout=GRACE_SECONDS)
    assert not running, "\n".join(map(_where, running))


def _where(task: "asyncio.Task[object]") -> str:
    lines = [f"{frame.f_code.co_filename}:{frame.f_lineno}" for frame in task.get_stack()]
    return f"{task.get_name()} goes on: {task.get_coro()} at {', '.join(lines)}"
