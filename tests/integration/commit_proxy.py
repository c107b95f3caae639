"""A network in front of PostgreSQL that can lose a commit, or the answer to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from typing import Final
from urllib.parse import urlsplit

_COMMIT: Final = b"COMMIT\0"


class Fate(Enum):
    """What becomes of the next commit."""

    ARRIVES = auto()
    ANSWER_IS_LOST = auto()
    IS_LOST = auto()
    IS_LOST_AND_THE_SERVER_NOT_TOLD = auto()


class CommitProxy:
    """Hands bytes on in both directions, until a commit meets its fate."""

    def __init__(self, dsn: str) -> None:
        self._server = urlsplit(dsn)
        self._open: set[asyncio.StreamWriter] = set()
        self._conversations: set[asyncio.Task[None]] = set()
        self.fate = Fate.ARRIVES
        self.dsn = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["CommitProxy"]:
        listener = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        self.dsn = self._server._replace(
            netloc=f"{self._server.username}:{self._server.password}@127.0.0.1:{port}"
        ).geturl()
        try:
            yield self
        finally:
            listener.close()
            for one in self._conversations:
                one.cancel()
            await asyncio.gather(*self._conversations, return_exceptions=True)
            for writer in self._open:
                writer.close()

    async def _converse(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        server, to_server = await asyncio.open_connection(self._server.hostname, self._server.port)
        self._open |= {to_client, to_server}
        answers = asyncio.create_task(_hand_on(server, to_client))
        questions = asyncio.create_task(self._ask(client, to_server, to_client, answers))
        self._conversations |= {answers, questions}

    async def _ask(
        self,
        client: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        to_client: asyncio.StreamWriter,
        answers: "asyncio.Task[None]",
    ) -> None:
        while data := await client.read(65_536):
            if _COMMIT in data and self.fate is not Fate.ARRIVES:
                await self._meet_fate(data, to_server, answers)
                to_client.close()
                return
            to_server.write(data)
        to_server.close()

    async def _meet_fate(
        self, data: bytes, to_server: asyncio.StreamWriter, answers: "asyncio.Task[None]"
    ) -> None:
        fate, self.fate = self.fate, Fate.ARRIVES
        answers.cancel()
        with suppress(asyncio.CancelledError):
            await answers
        if fate is Fate.ANSWER_IS_LOST:
            to_server.write(data)
            await to_server.drain()
        if fate is not Fate.IS_LOST_AND_THE_SERVER_NOT_TOLD:
            to_server.close()


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
    writer.close()
