"""A client of the API, as tests speak of it."""

import json
from typing import Any, NamedTuple

import aiohttp

WAIT = {"Prefer": "wait=20"}


class Told(NamedTuple):
    """An answer."""

    status: int
    body: dict[str, Any]

    @property
    def transaction_id(self) -> str:
        """Of the command that was accepted."""
        return str(self.body["transaction_id"])


class Client:
    """Asks, and waits for outcomes unless told otherwise."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def post(self, path: str, body: object = None, **headers: str) -> Told:
        """A command, decided."""
        return await self._ask("POST", path, body, WAIT | _named(headers))

    async def accept(self, path: str, body: object = None, **headers: str) -> Told:
        """A command, accepted and no more."""
        told = await self._ask("POST", path, body, _named(headers))
        assert told.status == 202, told
        return told

    async def patch(self, path: str, body: object, **headers: str) -> Told:
        """A change, decided."""
        return await self._ask("PATCH", path, body, WAIT | _named(headers))

    async def delete(self, path: str) -> Told:
        """A removal."""
        return await self._ask("DELETE", path, None, {})

    async def get(self, path: str) -> Told:
        """A read."""
        return await self._ask("GET", path, None, {})

    async def deposited(self, user_id: str, amount: object, currency: str = "USD") -> Told:
        """A deposit that is posted."""
        body = {"user_id": user_id, "amount": amount, "currency": currency}
        told = await self.post("/deposit", body)
        assert told.status == 201, told
        return told

    async def balance(self, user_id: str, currency: str = "USD") -> dict[str, Any]:
        """How much there is."""
        told = await self.get(f"/balance/{user_id}?currency={currency}")
        assert told.status == 200, told
        return told.body

    async def _ask(self, method: str, path: str, body: object, headers: dict[str, str]) -> Told:
        data = None if body is None else json.dumps(body)
        if body is not None:
            headers = {"Content-Type": "application/json"} | headers
        async with self._http.request(method, path, data=data, headers=headers) as answer:
            return Told(answer.status, await answer.json(content_type=None))


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
