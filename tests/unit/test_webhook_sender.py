"""Calls to receivers that are what receivers are."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from threading import Event
from typing import Any, Final

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.outbound.calls.sender import CallLimits, HttpWebhookSender
from adapters.outbound.system.clock import SystemClock
from core.entities.webhooks.delivery import MAX_ANSWER_BYTES, Attempt
from core.ports.webhooks.sender import Call
from tests.unit.webhook_receivers import Receiver, raw_server, receiving, says

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET: Final = "whsec_" + "b2xkc2VjcmV0" * 3
BODY: Final = '{"type":"counterfoil.transaction.posted","data":{"reference":"ü"}}'.encode()
SHORT_SECONDS: Final = 0.3


class OneAddress(AbstractResolver):
    """Every name is one address, or another one each time."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = list(addresses)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self._addresses[min(self.asked, len(self._addresses) - 1)]
        self.asked += 1
        found = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            ResolveResult(hostname=host, host=address, port=port, family=found, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """Nothing is open."""


def call_to(url: str, *secrets: str) -> Call:
    return Call(url, "msg_1", SystemClock().now(), secrets or (SECRET,), BODY)


async def sent(url: str, resolver: AbstractResolver | None = None, **limits: Any) -> Attempt:
    allowing: dict[str, Any] = {"allow_loopback": True} | limits
    async with HttpWebhookSender(CallLimits(**allowing), resolver) as sender:
        return await sender.send(call_to(url))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


async def test_a_call_is_taken_and_verified_by_the_librarys_own_verifier(
    receiver: Receiver,
) -> None:
    attempt = await sent(receiver.url)

    (received,) = receiver.received
    assert (attempt.status, attempt.error, attempt.is_success) == (204, None, True)
    assert received.body == BODY
    assert received.verified_by(SECRET)["type"] == "counterfoil.transaction.posted"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["user-agent"] == "counterfoil-webhooks"
    with pytest.raises(WebhookVerificationError):
        received.verified_by(OTHER_SECRET)


async def test_while_secrets_overlap_either_verifies(receiver: Receiver) -> None:
    async with HttpWebhookSender(CallLimits(allow_loopback=True)) as sender:
        await sender.send(call_to(receiver.url, SECRET, OTHER_SECRET))

    (received,) = receiver.received
    for secret in (SECRET, OTHER_SECRET):
        Webhook(secret).verify(received.body, received.headers)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_a_failure_and_is_not_followed(receiver: Receiver, status: int) -> None:
    async with receiving() as inner:
        receiver.answer = says(status, Location=inner.url)
        attempt = await sent(receiver.url)

    assert (attempt.status, attempt.is_success) == (status, False)
    assert inner.received == []


async def test_megabytes_are_not_read(receiver: Receiver) -> None:
    written = 0

    async def pours(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            for _ in range(1_000):
                await response.write(b"x" * 65_536)
                written += 65_536
        return response

    receiver.answer = pours
    attempt = await sent(receiver.url)

    assert attempt.status == 200
    assert attempt.answer == b"x" * MAX_ANSWER_BYTES
    assert written < 32 * 1024 * 1024


async def test_a_compressed_answer_is_kept_as_it_came(receiver: Receiver) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    receiver.answer = says(200, bomb, Content_Encoding="gzip")

    attempt = await sent(receiver.url)

    assert attempt.answer == bomb[:MAX_ANSWER_BYTES]


async def test_who_hangs_is_given_up(receiver: Receiver) -> None:
    over = asyncio.Event()

    async def hangs(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    receiver.answer = hangs
    try:
        attempt = await sent(receiver.url, total_seconds=SHORT_SECONDS)
    finally:
        over.set()

    assert (attempt.status, attempt.error) == (None, "no answer within 0.3 s")


async def test_who_drips_a_head_is_given_up() -> None:
    async def drips(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            for letter in "HTTP/1.1 200 OK\r\n" + "x" * 10_000:
                writer.write(letter.encode())
                await writer.drain()
                await asyncio.sleep(0.05)

    async with raw_server(drips) as url:
        attempt = await sent(url, total_seconds=SHORT_SECONDS)

    assert (attempt.status, attempt.error) == (None, "no answer within 0.3 s")


async def test_of_who_drips_a_body_the_status_counts() -> None:
    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
        await reader.read()
        writer.close()

    async with raw_server(drips) as url:
        attempt = await sent(url, total_seconds=SHORT_SECONDS)

    assert attempt.is_success


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000]
)
async def test_what_is_no_http_is_a_failure(answer: bytes) -> None:
    async def says_it(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with raw_server(says_it) as url:
        attempt = await sent(url)

    assert (attempt.status, attempt.is_success) == (None, False)
    assert attempt.error is not None


async def test_who_does_not_listen_is_a_failure_that_tells_nothing_of_our_network() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        attempt = await sent(f"http://127.0.0.1:{taken.getsockname()[1]}/")

    assert attempt.error == "no connection"


@pytest.mark.parametrize("header", ["7", "x", "-1", "Wed, 21 Oct 2015 07:28:00 GMT", "٧"])
async def test_seconds_of_retry_after_are_noted(receiver: Receiver, header: str) -> None:
    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 429 Busy\r\nRetry-After: {header}\r\nContent-Length: 0\r\n\r\n"
        writer.write(head.encode())
        writer.close()

    async with raw_server(busy) as url:
        attempt = await sent(url)

    assert attempt.retry_after_seconds == (7 if header == "7" else None)


async def test_this_machine_is_not_called_unless_that_is_allowed(receiver: Receiver) -> None:
    attempt = await sent(receiver.url, allow_loopback=False)

    assert attempt.error == "the address is not public, so it was not called"
    assert receiver.received == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "::ffff:127.0.0.1",
    ],
)
async def test_a_name_of_an_inner_address_is_not_called(receiver: Receiver, address: str) -> None:
    url = receiver.url.replace("127.0.0.1", "receiver.example")

    attempt = await sent(url, OneAddress(address), allow_loopback=False)

    assert attempt.error == "the address is not public, so it was not called"
    assert receiver.received == []


async def test_a_name_that_changes_its_address_is_looked_at_when_it_is_connected_to(
    receiver: Receiver,
) -> None:
    """A check beforehand would have seen a public address."""
    url = receiver.url.replace("127.0.0.1", "receiver.example")
    rebinding = OneAddress("93.184.215.14", "127.0.0.1")
    await rebinding.resolve("receiver.example")

    attempt = await sent(url, rebinding, allow_loopback=False)

    assert attempt.error == "the address is not public, so it was not called"
    assert receiver.received == []
    assert rebinding.asked == 2


async def test_names_that_nobody_answers_for_hold_up_no_other_name(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, asked = Event(), list[str]()

    def looked_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        if host.startswith("silent"):
            over.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    silent = [f"http://silent-{number % 40}.example/" for number in range(80)]
    async with HttpWebhookSender(CallLimits(allow_loopback=True)) as sender:
        waiting = [asyncio.create_task(sender.send(call_to(one))) for one in silent]
        try:
            await asyncio.sleep(0)
            attempt = await sender.send(
                call_to(receiver.url.replace("127.0.0.1", "receiver.example"))
            )
        finally:
            over.set()
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    assert attempt.is_success
    # What is given up and tried again does not take a thread each time.
    assert sorted(asked) == sorted({*asked})


async def test_a_name_is_looked_up_for_every_call(receiver: Receiver) -> None:
    resolver = OneAddress("127.0.0.1")
    async with HttpWebhookSender(CallLimits(allow_loopback=True), resolver) as sender:
        for _ in range(2):
            await sender.send(call_to(receiver.url.replace("127.0.0.1", "receiver.example")))

    assert resolver.asked == 2


async def test_no_proxy_of_the_environment_is_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        await sent(receiver.url)

    assert len(receiver.received) == 1
    assert proxy.received == []


async def test_no_cookie_comes_back(receiver: Receiver) -> None:
    receiver.answer = says(200, Set_Cookie="a=b")
    async with HttpWebhookSender(CallLimits(allow_loopback=True)) as sender:
        for _ in range(2):
            await sender.send(call_to(receiver.url))

    assert [one.headers.get("cookie") for one in receiver.received] == [None, None]
