"""A client of Kafka that is given up leaves nothing behind."""

import asyncio
import gc
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient

from adapters.outbound.kafka.closing import opened
from adapters.outbound.kafka.consumers import stop
from tests.eventually import eventually

API_VERSIONS = struct.pack(">hi hhh hhh", 0, 2, 3, 0, 5, 18, 0, 0)
"""No error; of two kinds of requests the versions that are known: metadata, and this one."""


class Silent:
    """Says what it understands, and nothing more for as long as it is not told to hang up."""

    def __init__(self) -> None:
        self.is_asked = asyncio.Event()
        self.hang_up = asyncio.Event()
        self.has_hung_up = asyncio.Event()

    async def converse(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            asked = await _request(client)
            answer = asked[4:8] + API_VERSIONS
            answers.write(struct.pack(">i", len(answer)) + answer)
            await _request(client)
            self.is_asked.set()
            await self.hang_up.wait()
            answers.close()
            await answers.wait_closed()
        self.has_hung_up.set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        listener = await asyncio.start_server(self.converse, "127.0.0.1", 0)
        async with listener:
            yield f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"


async def _request(client: asyncio.StreamReader) -> bytes:
    (size,) = struct.unpack(">i", await client.readexactly(4))
    return await client.readexactly(size)


async def test_who_is_cancelled_while_a_client_opens_leaves_it_to_be_closed() -> None:
    silent = Silent()
    closed = asyncio.Event()
    async with silent.listening() as address:
        client = AIOKafkaClient(bootstrap_servers=address)

        async def close() -> None:
            await client.close()
            closed.set()

        opening = asyncio.create_task(opened(client.bootstrap(), close))
        await silent.is_asked.wait()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        # What was dropped on the way says so now, which is an error of this test.
        del opening
        gc.collect()
        assert not closed.is_set()

        silent.hang_up.set()
        await silent.has_hung_up.wait()
        await eventually(closed.is_set)


class CancelledFetcher:
    """Paused between two attempts when it was closed."""

    async def close(self) -> None:
        pausing = asyncio.create_task(asyncio.sleep(60))
        pausing.cancel()
        await pausing


async def test_the_client_of_a_consumer_whose_fetcher_pauses_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = asyncio.Event()

    async def close(_: AIOKafkaClient) -> None:
        closed.set()

    monkeypatch.setattr(AIOKafkaClient, "close", close)
    consumer = AIOKafkaConsumer()
    consumer._fetcher = CancelledFetcher()
    with pytest.raises(asyncio.CancelledError):
        await stop(consumer)
    assert closed.is_set()
