"""Where one request ends and the next begins: never in two ways, so nothing can be smuggled."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.inbound.http.limits import HttpLimits
from tests.eventually import eventually
from tests.unit.http.wire import GOOD, HURRIED, PATIENT, endless, open_connections, post, wire
from tests.unit.http.world import Api, World, served

SECOND = post(b'{"user_id":"second","amount":1}')
"""What must never be run, unless it is a request of its own."""
PROBE = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked"


def framed(body: bytes, *lines: bytes, version: bytes = b"1.1") -> bytes:
    """A deposit whose length only `lines` say."""
    head = [b"POST /deposit HTTP/" + version, b"Host: x", b"Content-Type: application/json", *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def chunked(size: bytes = b"1a", end: bytes = b"0\r\n\r\n", data: bytes = GOOD) -> bytes:
    return framed(size + b"\r\n" + data + b"\r\n" + end, CHUNKED)


def get(*lines: bytes, first: bytes = b"GET /livez HTTP/1.1", host: bytes = b"Host: x") -> bytes:
    return b"".join(line + b"\r\n" for line in (first, host, *lines)) + b"\r\n"


def lengthed(length: bytes) -> bytes:
    return framed(GOOD, b"Content-Length: " + length)


ONE_CHUNK = b"1a\r\n" + GOOD + b"\r\n0\r\n\r\n"
NO_HTTP = {
    # Two lengths
    "length, then chunks": post(ONE_CHUNK, CHUNKED),
    "chunks, then length": framed(ONE_CHUNK, CHUNKED, b"Content-Length: 4"),
    "one length twice": post(GOOD, b"Content-Length: %d" % len(GOOD)),
    "two lengths": post(GOOD, b"Content-Length: 0"),
    "a list of lengths": lengthed(b"26, 26"),
    # Lengths that are none
    "length with a sign": lengthed(b"+26"),
    "negative length": lengthed(b"-1"),
    "hexadecimal length": lengthed(b"0x1a"),
    "length with an underscore": lengthed(b"2_6"),
    "length with a space": lengthed(b"2 6"),
    "length of another script": lengthed("٢٦".encode()),
    "length and NUL": lengthed(b"26\0"),
    "empty length": lengthed(b""),
    "length beyond 64 bits": lengthed(b"9" * 30),
    # Transfer codings
    "identity": framed(ONE_CHUNK, b"Transfer-Encoding: identity"),
    "made-up coding": framed(ONE_CHUNK, b"Transfer-Encoding: xchunked"),
    "chunked is not last": framed(ONE_CHUNK, b"Transfer-Encoding: chunked, identity"),
    "chunked twice": framed(ONE_CHUNK, b"Transfer-Encoding: chunked, chunked"),
    "chunked on two lines": framed(ONE_CHUNK, CHUNKED, CHUNKED),
    "chunked, then identity": framed(ONE_CHUNK, CHUNKED, b"Transfer-Encoding: identity"),
    "chunked before a comma": framed(ONE_CHUNK, CHUNKED + b","),
    "quoted coding": framed(ONE_CHUNK, b'Transfer-Encoding: "chunked"'),
    "coding after a vertical tab": framed(ONE_CHUNK, b"Transfer-Encoding: \x0bchunked"),
    "coding on a folded line": framed(ONE_CHUNK, b"Transfer-Encoding:\r\n chunked"),
    "space before the colon": framed(ONE_CHUNK, b"Transfer-Encoding : chunked"),
    "chunks in HTTP/1.0": framed(ONE_CHUNK, CHUNKED, version=b"1.0"),
    "gzip in chunks": framed(ONE_CHUNK, b"Transfer-Encoding: gzip, chunked"),
    # Chunks
    "chunk size with a sign": chunked(b"+1a"),
    "negative chunk size": chunked(b"-1"),
    "chunk size with 0x": chunked(b"0x1a"),
    "chunk size with an underscore": chunked(b"1_a"),
    "space before the chunk size": chunked(b" 1a"),
    "space after the chunk size": chunked(b"1a "),
    "empty chunk size": chunked(b""),
    "chunk size beyond 64 bits": chunked(b"1" + b"0" * 15 + b"1a"),
    "chunk longer than its size": chunked(b"5"),
    "chunk that ends in LF": framed(b"1a\n" + GOOD + b"\n0\n\n", CHUNKED),
    "LF in a chunk's extension": chunked(b"1a;a\nb"),
    "NUL in a chunk's extension": chunked(b"1a;a\0b"),
    "length in a trailer": chunked(end=b"0\r\nContent-Length: 5\r\n\r\n"),
    "coding in a trailer": chunked(end=b"0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "trailer without a colon": chunked(end=b"0\r\nx\r\n\r\n"),
    "endless trailers": chunked(end=b"0\r\n" + b"X: y\r\n" * 5_000 + b"\r\n"),
    # Lines
    "LF for CRLF": get().replace(b"\r\n", b"\n"),
    "one LF for CRLF": get(b"X: y").replace(b"x\r\n", b"x\n"),
    "CR for CRLF": get(b"X: y").replace(b"x\r\n", b"x\r"),
    "CR in a value": get(b"X: a\rb"),
    "folded line": get(b"X: a", b" b"),
    "folded first line": get(host=b" Host: x"),
    "NUL in a name": get(b"X\0: a"),
    "control character": get(b"X: a\x01b"),
    "delete": get(b"X: a\x7fb"),
    "no name": get(b": a"),
    "name that is no token": get(b"a@b: a"),
    "name beyond ASCII": get("ä: a".encode()),
    "200 headers": get(*(b"X-%d: a" % number for number in range(200))),
    # First lines, hosts
    "no Host": PROBE.replace(b"Host: x\r\n", b""),
    "two Hosts": get(b"Host: y"),
    "HTTP/0.9": b"GET /livez\r\n\r\n",
    "HTTP/1.2": get(first=b"GET /livez HTTP/1.2"),
    "HTTP/1.10": get(first=b"GET /livez HTTP/1.10"),
    "HTTP/2.0": get(first=b"GET /livez HTTP/2.0"),
    "http/1.1": get(first=b"GET /livez http/1.1"),
    "tabs in the first line": get(first=b"GET\t/livez\tHTTP/1.1"),
    "space in the target": get(first=b"GET /li vez HTTP/1.1"),
    "space after the version": get(first=b"GET /livez HTTP/1.1 "),
    "NUL in the target": get(first=b"GET /li\0vez HTTP/1.1"),
    "lower-case method": get(first=b"get /livez HTTP/1.1"),
    "no method": get(first=b" /livez HTTP/1.1"),
    "authority as a target": get(first=b"GET elsewhere:443 HTTP/1.1"),
    "asterisk as a target": get(first=b"GET * HTTP/1.1"),
    "port that is none": get(first=b"GET http://a:99999/livez HTTP/1.1"),
    "address that is none": get(first=b"GET http://[::1/livez HTTP/1.1"),
    "tunnel to nowhere": get(first=b"CONNECT a:b:c HTTP/1.1"),
    # Other protocols
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x12\x04\0\0\0\0\0",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
    "PROXY": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + PROBE,
    "all bytes": bytes(range(256)),
}


@pytest.mark.parametrize("name", NO_HTTP)
async def test_what_could_be_read_in_two_ways_is_refused_with_all_that_follows(
    world: World, name: str
) -> None:
    async with served(world, PATIENT) as api:
        async with wire(api) as line:
            await line.send(NO_HTTP[name] + SECOND)
            status, _, body = await line.answer()
            assert (status, body["code"]) == (400, "malformed_request")
            assert await line.closed() == b""
        await is_alive(api)
    assert world.records == []


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(GOOD),
        lengthed(b"0026"),
        framed(ONE_CHUNK, b"TRANSFER-ENCODING:\tCHUNKED"),
        chunked(b"0000001A"),
        chunked(b"1a;a=b"),
        chunked(end=b"0\r\nX: y\r\n\r\n"),
        post(GOOD, b"Transfer-Encoding-: chunked"),
        b"\r\n\r\n" + post(GOOD),
        post(GOOD).replace(b"/deposit", b"http://u:p@elsewhere/deposit", 1),
    ],
    ids=range(9),
)
async def test_what_can_be_read_in_one_way_is_read_in_it(
    world: World, request_bytes: bytes
) -> None:
    async with served(world, PATIENT) as api, wire(api) as line:
        await line.send(request_bytes + SECOND)
        assert [(await line.answer())[0], (await line.answer())[0]] == [202, 202]
    assert sorted(users_of(world)) == ["second", "u"]


# What a refused request carries


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (get(b"Content-Length: %d" % len(SECOND)) + SECOND, 200),
        (get(CHUNKED) + b"%x\r\n%s\r\n0\r\n\r\n" % (len(SECOND), SECOND), 200),
        (post(SECOND), 400),
        (post(SECOND, b"Expect: miracles"), 417),
        (post(SECOND, b"Content-Encoding: gzip"), 415),
        (post(SECOND, b"Idempotency-Key: a", b"Idempotency-Key: b"), 400),
        (post(SECOND).replace(b"/deposit", b"/nowhere", 1), 404),
        (post(SECOND).replace(b"/deposit", b"/deposit?x=1", 1), 422),
        (post(SECOND).replace(b"POST", b"TRACE", 1), 405),
        (post(SECOND).replace(b"application/json", b"text/plain", 1), 415),
        (post(SECOND * 1_000), 413),
    ],
    ids=range(11),
)
async def test_a_body_is_never_taken_for_the_next_request(
    world: World, request_bytes: bytes, status: int
) -> None:
    async with served(world, PATIENT) as api, wire(api) as line:
        await line.send(request_bytes + PROBE)
        assert [(await line.answer())[0], (await line.answer())[0]] == [status, 200]
    assert world.records == []


async def test_a_body_that_comes_too_late_is_never_taken_for_the_next_request(
    world: World,
) -> None:
    limits = replace(PATIENT, body_seconds=HURRIED, linger_seconds=HURRIED)
    async with served(world, limits) as api, wire(api) as line:
        await line.send(post(b"", length=len(SECOND) + 10))
        assert (await line.answer())[0] == 408
        await line.send(SECOND)
        assert await line.closed() == b""
    assert world.records == []


async def test_a_refused_body_is_not_taken_for_a_request_when_it_is_not_waited_for(
    world: World,
) -> None:
    async with served(world, replace(PATIENT, linger_seconds=HURRIED)) as api, wire(api) as line:
        await line.send(post(b"", length=10**6))
        assert (await line.answer())[0] == 413
        assert await line.closed() == b""
        await is_alive(api)
    assert world.records == []


# Upgrades


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.2"])
@pytest.mark.parametrize("is_split", [True, False])
async def test_nothing_that_follows_an_upgrade_is_run(
    world: World, protocol: bytes, is_split: bool
) -> None:
    """There is no other protocol to go on in, and aiohttp loses track of what came with it."""
    upgrade = get(b"Connection: Upgrade", b"Upgrade: " + protocol)
    around = post(b"", length=len(SECOND))
    async with served(world, PATIENT) as api, wire(api) as line:
        await line.send(upgrade + around + (b"" if is_split else SECOND))
        assert (await line.answer())[0] == 200
        if is_split:
            await line.send(SECOND)
        assert await line.closed() == b""
    assert world.records == []


# Dripping


@pytest.mark.parametrize("drip", [b"\r\n", b"G", b"GET /livez HTTP/1.1\r\nHost: x\r\nX: "])
async def test_a_head_that_drips_is_cut_off(world: World, drip: bytes) -> None:
    async with served(world, replace(PATIENT, head_seconds=HURRIED)) as api, wire(api) as line:
        await line.send(drip)
        await line.dribble_until_closed(endless(drip[-1:]))
        await is_alive(api)


@pytest.mark.parametrize(
    ("begins", "drip"),
    [(b"1000\r\n", b" "), (b"", b"1\r\n \r\n"), (b"1;", b"a"), (b"1\r\n \r\n0\r\n", b"X: y\r\n")],
    ids=["data", "chunks", "an extension", "trailers"],
)
async def test_a_chunked_body_that_drips_is_answered_and_cut_off(
    world: World, begins: bytes, drip: bytes
) -> None:
    limits = replace(PATIENT, body_seconds=HURRIED, linger_seconds=HURRIED)
    async with served(world, limits) as api, wire(api) as line:
        await line.send(framed(begins, CHUNKED))
        status, headers, _ = await line.dribble_until_answered(endless(drip))
        assert (status, headers["Connection"]) == (408, "close")
        await line.dribble_until_closed(endless(drip))
        await is_alive(api)
    assert world.records == []


# Many


async def test_a_thousand_silent_connections_keep_nobody_from_being_served(world: World) -> None:
    """Half of them never say anything, the others stop in the middle of a head."""
    async with served(world, PATIENT) as api:
        async with AsyncExitStack() as stack:
            for number in range(1_000):
                line = await stack.enter_async_context(wire(api))
                if number % 2:
                    await line.send(b"POST /deposit HTTP/1.1\r\nHost: ")
            await eventually(lambda: open_connections(world) == 1_000)
            assert (await api.deposit()).status == 202
        await eventually(lambda: (open_connections(world) or 0) <= 1)
    assert len(world.records) == 1


async def test_a_thousand_idle_connections_are_closed(world: World) -> None:
    limits = replace(PATIENT, idle_seconds=HURRIED, head_seconds=HURRIED)
    async with served(world, limits) as api, AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(wire(api)) for _ in range(1_000)]
        for line in lines:
            assert await line.closed() == b""
        await is_alive(api)


# Anything


PARTS = st.sampled_from(
    [post(GOOD), chunked(), PROBE, CHUNKED, GOOD, b"\r\n", b"\n", b"\0", b"0\r\n\r\n", b"HTTP/1.1"]
)
PIECES = PARTS | st.binary(max_size=8)


def spliced(parts: Sequence[bytes], cuts: Sequence[tuple[int, int, bytes]]) -> bytes:
    """The parts in a row, at some places some bytes replaced by others."""
    data = b"".join(parts)
    for place, length, piece in cuts:
        at = place % (len(data) + 1)
        data = data[:at] + piece + data[at + length :]
    return data


CUTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5), PIECES), max_size=3)
SENT = st.builds(spliced, st.lists(PIECES, min_size=1, max_size=4), CUTS)


@given(st.lists(SENT, min_size=20, max_size=20))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_whatever_is_sent_is_answered_without_a_failure_or_cut_off(
    sent: Sequence[bytes],
) -> None:
    world = World()
    limits = HttpLimits(
        head_seconds=HURRIED, body_seconds=HURRIED, idle_seconds=HURRIED, linger_seconds=HURRIED
    )
    async with served(world, limits) as api:
        await asyncio.gather(*(answered_or_closed(api, data) for data in sent))
        await is_alive(api)
    assert statuses(world) <= {"200", "202", "400", "404", "405", "408", "413", "415", "417", "422"}


async def answered_or_closed(api: Api, data: bytes) -> None:
    async with wire(api) as line:
        await line.send(data)
        await line.closed()


async def is_alive(api: Api) -> None:
    async with wire(api) as line:
        await line.send(PROBE)
        assert (await line.answer())[0] == 200


def users_of(world: World) -> list[Any]:
    return [getattr(one.order, "user_id", None) for one in world.commands]


def statuses(world: World) -> set[str]:
    return {
        sample.labels["status"]
        for metric in world.metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "counterfoil_http_requests_total"
    }
