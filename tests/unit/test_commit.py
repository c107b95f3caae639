"""Whoever is cancelled during a commit is so once its answer is there."""

import asyncio
from typing import cast

import pytest

from adapters.outbound.postgres.commit import commit
from adapters.outbound.postgres.database import Connection


class Slow:
    """A connection whose commit takes until it may be answered."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.asked = asyncio.Event()

    async def execute(self, statement: str) -> str:
        assert statement == "COMMIT"
        self.asked.set()
        await self.may.wait()
        return "COMMIT"


async def test_a_caller_cancelled_again_and_again_still_waits_for_the_answer() -> None:
    slow = Slow()
    committing = asyncio.create_task(commit(cast("Connection", slow)))
    await slow.asked.wait()
    for _ in range(3):
        committing.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not committing.done()
    slow.may.set()
    with pytest.raises(asyncio.CancelledError):
        await committing
