"""Waiting for a condition, with a deadline that is never reached unless something is broken."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

DEADLINE_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.01


async def eventually(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]],
    deadline_seconds: float = DEADLINE_SECONDS,
) -> None:
    """Return once `condition` holds; `AssertionError` at the deadline."""
    end = time.monotonic() + deadline_seconds
    while True:
        held = condition()
        if isinstance(held, Awaitable):
            held = await held
        if held:
            return
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_seconds} s: {condition}")
        await asyncio.sleep(_POLL_SECONDS)
