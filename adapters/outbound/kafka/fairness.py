"""Long work in short turns, so that answers of servers do not lie unread meanwhile."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

S = TypeVar("S")
T = TypeVar("T")

TURN: Final = 200
"""A few milliseconds of work on one record each."""


async def in_turns(work: Callable[[S], T], on: Sequence[S]) -> list[T]:
    """`work` on each, in order. Other tasks have their turn in between."""
    done: list[T] = []
    for start in range(0, len(on), TURN):
        if start:
            await asyncio.sleep(0)
        done += [work(one) for one in on[start : start + TURN]]
    return done
