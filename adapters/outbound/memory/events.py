"""Outcomes told to nobody, kept for whoever looks."""

from collections import deque
from typing import Final

from core.entities.page import Outcomes

MAX_KEPT: Final = 10_000


class MemoryEvents:
    """`Events` that remembers the last `MAX_KEPT` publications."""

    def __init__(self) -> None:
        self.published: deque[tuple[int, Outcomes]] = deque(maxlen=MAX_KEPT)

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """Remember the outcomes."""
        self.published.append((partition, outcomes))
