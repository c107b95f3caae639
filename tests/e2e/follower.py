"""A client of `GET /events` that is cut off again and again, and comes back."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import cycle
from typing import Final

import aiohttp

from tests.eventually import eventually
from tests.sse import EventSource

_PATIENCE: Final = aiohttp.ClientTimeout(total=None, sock_connect=10)
_RETRY_SECONDS: Final = 0.1


@dataclass
class Follower:
    """Takes so many events from one API process after the other, each time from where it was."""

    urls: Sequence[str]
    query: str
    events_between_cuts: int
    seen: Counter[str] = field(default_factory=Counter)
    """How often each transaction was told."""
    cuts: int = 0
    _source: EventSource = field(default_factory=EventSource)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow while the context lasts; what is told from its beginning on is not missed."""
        task = asyncio.create_task(self._follow())
        try:
            # Without an id it would begin anew when it is cut off.
            await eventually(lambda: self._source.last_event_id != "")
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self) -> None:
        for url in cycle(self.urls):
            with suppress(aiohttp.ClientError):
                await self._look(url)
            self.cuts += 1
            await asyncio.sleep(_RETRY_SECONDS)

    async def _look(self, url: str) -> None:
        headers = {"Last-Event-ID": self._source.last_event_id}
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(f"{url}/events{self.query}", headers=headers) as answer,
        ):
            if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
                return
            assert answer.status == HTTPStatus.OK, await answer.text()
            left = self.events_between_cuts
            async for event in self._source.events(answer):
                self.seen[json.loads(event.data)["transaction_id"]] += 1
                left -= 1
                if left == 0:
                    return
