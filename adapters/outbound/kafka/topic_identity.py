"""Noticing a topic that was deleted and created again."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Final

IDENTITY_SECONDS: Final = 0.05
"""Too short for a topic to be deleted, made again, and read from."""

TopicId = Callable[[], Awaitable[str]]


class TopicIdentity:
    """Tells a topic from an earlier one of its name, for all who read it.

    A fetch names its topic, so it would go on in the new one, from an offset of the old.
    """

    def __init__(self, ask: TopicId) -> None:
        self._ask = ask
        self._asking = asyncio.Lock()
        self._seen_id = ""
        self._asked_at = -math.inf

    async def is_still(self, topic_id: str) -> bool:
        """Whether the topic is the one with this id.

        To be called after each fetch that brings records. Asks unless somebody has asked since,
        or just before. Raises what asking does.
        """
        fetched_at = time.monotonic()
        async with self._asking:
            if self._asked_at <= fetched_at - IDENTITY_SECONDS:
                asked_at = time.monotonic()
                self._seen_id = await self._ask()
                self._asked_at = asked_at
            return self._seen_id == topic_id
