"""A client that costs little: it shares the machine with what it measures.

aiohttp's client takes six times the CPU for a request, which the servers would be missing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple, cast

import httptools
import msgspec
from yarl import URL


class Answer(NamedTuple):
    """Status and body."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One connection that is kept, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answered: asyncio.Future[Answer] | None = None
        self._body = bytearray()

    async def ask(self, request: bytes) -> Answer:
        """Send it; the answer. Raises `ConnectionError` when the server hangs up."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the server has hung up")
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's."""
        # uvloop's transports are none of asyncio's, though they do what those do.
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Asyncio's."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError("the server hung up"))

    def on_body(self, body: bytes) -> None:
        """The parser's."""
        self._body += body

    def on_message_complete(self) -> None:
        """The parser's."""
        answer = Answer(self._parser.get_status_code(), bytes(self._body))
        self._body.clear()
        self._parser = httptools.HttpResponseParser(self)
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(answer)


@asynccontextmanager
async def connections(url: str, count: int) -> AsyncIterator[list[Connection]]:
    """So many connections to one server."""
    place = URL(url)
    assert place.host is not None
    assert place.port is not None
    loop = asyncio.get_running_loop()
    opened: list[Connection] = []
    try:
        for _ in range(count):
            _, one = await loop.create_connection(Connection, place.host, place.port)
            opened.append(one)
        yield opened
    finally:
        for one in opened:
            one.close()


def deposit(url: str, user_id: str, *, wait_seconds: int = 0) -> bytes:
    """The bytes of `POST /deposit`."""
    body = msgspec.json.encode({"user_id": user_id, "amount": 1.25})
    prefer = f"Prefer: wait={wait_seconds}\r\n" if wait_seconds else ""
    head = (
        f"POST /deposit HTTP/1.1\r\nHost: {URL(url).authority}\r\n"
        f"Content-Type: application/json\r\n{prefer}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
