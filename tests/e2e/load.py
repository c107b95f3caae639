"""Deposits with keys, sent again until they are answered, while the world falls apart."""

import asyncio
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import Final

import aiohttp

from adapters.outbound.system.currencies import IsoCurrencies

CLIENTS: Final = 8
AMOUNT: Final = "1.25"
_PATIENCE: Final = aiohttp.ClientTimeout(total=10)
_USD = IsoCurrencies().find("USD")
assert _USD is not None
USD: Final = _USD


@dataclass
class Load:
    """Clients that deposit one after another, each for a user of its own.

    Every deposit has a key, and is sent again with it until it is accepted: so it must be in the
    books once, whatever happened meanwhile.
    """

    url: str
    run_id: str = field(default_factory=lambda: secrets.token_hex(4))
    accepted: dict[str, list[str]] = field(default_factory=dict)
    unanswered: int = 0
    refused: int = 0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _clients: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> "Load":
        self._clients = [
            asyncio.create_task(self._client(f"load-{self.run_id}-{number}"))
            for number in range(CLIENTS)
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.finish()

    async def finish(self) -> None:
        """Let each client have its last deposit accepted."""
        self._stop.set()
        await asyncio.gather(*self._clients)

    @property
    def total(self) -> int:
        """How many deposits are accepted."""
        return sum(len(keys) for keys in self.accepted.values())

    async def more(self, deposits: int) -> None:
        """Return once so many more are accepted."""
        wanted = self.total + deposits
        async with asyncio.timeout(60):
            while self.total < wanted:  # noqa: ASYNC110 (clients set no event)
                await asyncio.sleep(0.02)

    async def _client(self, user_id: str) -> None:
        keys = self.accepted.setdefault(user_id, [])
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
            for number in count():
                if self._stop.is_set():
                    return
                key = f"{user_id}-{number}"
                while not await self._deposited(session, user_id, key):  # noqa: ASYNC110 (a retry)
                    await asyncio.sleep(0.1)
                keys.append(key)

    async def _deposited(self, session: aiohttp.ClientSession, user_id: str, key: str) -> bool:
        body = {"user_id": user_id, "amount": AMOUNT}
        headers = {"Idempotency-Key": key}
        try:
            async with session.post(f"{self.url}/deposit", json=body, headers=headers) as answer:
                if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
                    self.refused += 1
                    return False
                assert answer.status == HTTPStatus.ACCEPTED, await answer.text()
                return True
        except (aiohttp.ClientError, TimeoutError):
            self.unanswered += 1
            return False


async def balance(session: aiohttp.ClientSession, url: str, user_id: str) -> int | None:
    """The balance in minor units of USD; None while it cannot be read."""
    try:
        async with session.get(f"{url}/balance/{user_id}") as answer:
            if answer.status != HTTPStatus.OK:
                return None
            return USD.parse((await answer.json())["balance"])
    except (aiohttp.ClientError, TimeoutError):
        return None
