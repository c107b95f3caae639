"""Whoever is told while the world falls apart: endpoints of webhooks, and a follower of the stream.

They are there before the first command, so that all that is ever told is theirs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random  # noqa: TID251 (seeded, as all chance of a run is)
from typing import Any, Final

import aiohttp
from aiohttp import web
from standardwebhooks import WebhookVerificationError

from core.entities.outcome_event import EventType
from core.entities.transaction import TransactionStatus
from infra.local.ports import HOST
from tests.chaos.history import Hook, Stream
from tests.chaos.stack import CALL_SECONDS
from tests.e2e.follower import Follower
from tests.unit.webhook_receivers import Received

STEADY: Final = "steady"
UNSTEADY: Final = "unsteady"
EVENTS_BETWEEN_CUTS: Final = 100
FAILS: Final = 0.05
LOSES_ITS_ANSWER: Final = 0.02
HANGS: Final = 0.002
"""How many calls of the unsteady endpoint, of all, come to that."""
HANG_SECONDS: Final = 2.0 * CALL_SECONDS
"""Longer than a call may take."""
ENABLED_SECONDS: Final = (5.0, 15.0)
DISABLED_SECONDS: Final = (0.5, 5.0)
OPEN_SECONDS: Final = 2.0
_PATIENCE: Final = aiohttp.ClientTimeout(total=10)
_AWAY: Final = (aiohttp.ClientError, TimeoutError)


@dataclass
class Audience:
    """All of them, while they are told."""

    url: str
    chance: Random
    follower: Follower
    hooks: dict[str, Hook] = field(default_factory=dict)
    _secrets: dict[str, str] = field(default_factory=dict)
    _is_at_peace: bool = False

    @property
    def stream(self) -> Stream:
        """What the follower was given so far; it goes on changing."""
        return Stream("the stream", self.follower.seen, self.follower.cuts)

    async def subscribe(self, receiver_url: str) -> None:
        """Make the endpoints: a steady one for everything, an unsteady one for what is posted."""
        for name, statuses in (
            (STEADY, (TransactionStatus.POSTED, TransactionStatus.REJECTED)),
            (UNSTEADY, (TransactionStatus.POSTED,)),
        ):
            types = [] if name == STEADY else [EventType.TRANSACTION_POSTED]
            body = {"url": f"{receiver_url}/{name}", "event_types": types}
            told = await self._ask("POST", "/webhooks", body)
            self._secrets[name] = told["secret"]
            self.hooks[name] = Hook(name, told["endpoint_id"], [*statuses])

    async def meddle(self) -> None:
        """Disable the unsteady endpoint now and then, and enable it again."""
        while not self._is_at_peace:
            await asyncio.sleep(self.chance.uniform(*ENABLED_SECONDS))
            with suppress(*_AWAY):
                await self._switch(UNSTEADY, "disabled")
            await asyncio.sleep(self.chance.uniform(*DISABLED_SECONDS))
            with suppress(*_AWAY):
                await self._switch(UNSTEADY, "enabled")

    async def hear_out(self, has_heard: Callable[[], bool], within_seconds: float) -> None:
        """Return when everybody has heard everything, or the time is over. Nobody fails any more.

        What waits for a later try is due at once, time and again: its own schedule has hours.
        """
        self._is_at_peace = True
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                while not has_heard():
                    for name in self.hooks:
                        with suppress(aiohttp.ClientError):
                            await self._switch(name, "enabled")
                    await asyncio.sleep(OPEN_SECONDS)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take a call, or fail as the seed says."""
        name, body = request.match_info["name"], await request.read()
        drawn = 1.0 if name == STEADY or self._is_at_peace else self.chance.random()
        if drawn < HANGS:
            await asyncio.sleep(HANG_SECONDS)
        if drawn < HANGS + FAILS:
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        self._take(name, Received({key.lower(): one for key, one in request.headers.items()}, body))
        if drawn < HANGS + FAILS + LOSES_ITS_ANSWER and request.transport is not None:
            request.transport.abort()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    def _take(self, name: str, call: Received) -> None:
        hook = self.hooks[name]
        try:
            told = call.verified_by(self._secrets[name])
        except WebhookVerificationError as error:
            hook.forged.append(f"{call.message_id}: {error}")
            return
        if told["data"]["transaction_id"] != call.message_id:
            hook.forged.append(f"{call.message_id} tells of {told['data']['transaction_id']}")
        hook.taken[call.message_id] = hook.taken.get(call.message_id, 0) + 1

    async def _switch(self, name: str, status: str) -> None:
        await self._ask("PATCH", f"/webhooks/{self.hooks[name].endpoint_id}", {"status": status})

    async def _ask(self, method: str, path: str, body: dict[str, Any]) -> Any:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE, raise_for_status=True) as session,
            session.request(method, self.url + path, json=body) as answer,
        ):
            return await answer.json()


@asynccontextmanager
async def audience(url: str, seed: int) -> AsyncIterator[Audience]:
    """An audience of the API at `url`, listening."""
    everybody = Audience(url, Random(seed), Follower([url], "", EVENTS_BETWEEN_CUTS))
    app = web.Application()
    app.router.add_post("/{name}", everybody.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    meddling = None
    try:
        await web.TCPSite(runner, HOST, 0).start()
        await everybody.subscribe(f"http://{HOST}:{runner.addresses[0][1]}")
        meddling = asyncio.create_task(everybody.meddle())
        async with everybody.follower.following():
            yield everybody
    finally:
        if meddling is not None:
            meddling.cancel()
        await runner.cleanup()
