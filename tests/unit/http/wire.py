"""A client that writes bytes, and reads what comes."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

from adapters.inbound.http.limits import HttpLimits
from tests.unit.http.world import Api, World

PATIENT: Final = HttpLimits(head_seconds=60, body_seconds=60, idle_seconds=60, write_seconds=60)
GOOD: Final = b'{"user_id":"u","amount":1}'
DEADLINE_SECONDS: Final = 8
"""Less than the ten seconds for which aiohttp lingers by itself."""
PACE_SECONDS: Final = 0.02
HURRIED: Final = 0.2
"""Seconds, for a limit that a test runs into."""


def post(body: bytes = GOOD, *lines: bytes, length: int | None = None) -> bytes:
    declared = len(body) if length is None else length
    head = [
        b"POST /deposit HTTP/1.1",
        b"Host: x",
        b"Content-Type: application/json",
        b"Content-Length: %d" % declared,
        *lines,
    ]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


class Wire:
    """A bare connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], Any]:
        async with asyncio.timeout(DEADLINE_SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            body = await self.reader.readexactly(int(headers.get("Content-Length", 0)))
        return int(head[0].split()[1]), headers, json.loads(body) if body else None

    async def closed(self) -> bytes:
        """What comes before the server closes; `TimeoutError` if it does not."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def dribble_until_closed(self, data: Iterator[bytes]) -> None:
        """Send a little, and a little more, for as long as the server lets us."""
        closed = asyncio.ensure_future(self.closed())
        for part in data:
            try:
                await self.send(part)
            except ConnectionError:
                break
            done, _ = await asyncio.wait([closed], timeout=PACE_SECONDS)
            if done:
                break
        await closed

    async def dribble_until_answered(
        self, data: Iterator[bytes]
    ) -> tuple[int, dict[str, str], Any]:
        """Send a little, and a little more, until the server has had enough."""
        answer = asyncio.ensure_future(self.answer())
        for part in data:
            await self.send(part)
            done, _ = await asyncio.wait([answer], timeout=PACE_SECONDS)
            if done:
                break
        return await answer


@asynccontextmanager
async def wire(api: Api) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.server.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


def endless(data: bytes) -> Iterator[bytes]:
    end = asyncio.get_running_loop().time() + DEADLINE_SECONDS
    while asyncio.get_running_loop().time() < end:
        yield data


def open_connections(world: World) -> float | None:
    return world.metrics.registry.get_sample_value("counterfoil_http_connections")
