"""What happens on the wire to clients that are malformed, slow, silent, or too many."""

import asyncio
import re
import socket
from dataclasses import replace
from typing import Any

import pytest

from adapters.inbound.http.app import HealthParts, build_health_app
from adapters.inbound.http.server import CannotListenError, HttpServer
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.position_watch import LedgerPositionWatch
from tests.eventually import eventually
from tests.unit.http.wire import (
    DEADLINE_SECONDS,
    GOOD,
    HURRIED,
    PACE_SECONDS,
    PATIENT,
    endless,
    open_connections,
    post,
    wire,
)
from tests.unit.http.world import Api, World, served


def cut(world: World, reason: str) -> float:
    value = world.metrics.registry.get_sample_value(
        "counterfoil_http_connections_cut_total", {"reason": reason}
    )
    return value or 0.0


# Malformed


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"BREW /deposit HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /livez HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nX : a\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 1_000 + b"\r\n",
        b"GET /balance/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /deposit HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /deposit HTTP/1.1\r\nHost: x\r\nContent-Length: 1e2\r\n\r\n",
        b"POST /deposit HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        post(GOOD, b"Transfer-Encoding: chunked"),
    ],
    ids=range(15),
)
async def test_what_is_no_http_is_a_problem_and_ends_the_connection(
    world: World, request_bytes: bytes
) -> None:
    async with served(world, PATIENT) as api, wire(api) as line:
        await line.send(request_bytes)
        status, headers, body = await line.answer()
        assert (status, body["code"]) == (400, "malformed_request")
        assert headers["Content-Type"] == "application/problem+json"
        assert body["request_id"] == headers["X-Request-Id"]
        assert headers["Server"] == "counterfoil"
        await line.closed()
    assert world.records == []


async def test_a_broken_chunk_is_a_problem(world: World) -> None:
    head = (
        b"POST /deposit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    async with served(world, PATIENT) as api, wire(api) as line:
        await line.send(head)
        await line.send(b"5\r\n{")
        await line.send(b"zzzzzz\r\nnonsense\r\n\r\n")
        status, _, body = await line.answer()
        assert (status, body["code"]) == (400, "malformed_request")
    assert world.records == []


async def test_an_unknown_expectation_is_a_problem(world: World) -> None:
    async with served(world) as api, wire(api) as line:
        await line.send(post(GOOD, b"Expect: miracles"))
        status, headers, body = await line.answer()
        assert (status, body["code"]) == (417, "expectation_failed")
        assert headers["Content-Type"] == "application/problem+json"
    assert world.records == []


async def test_who_expects_to_go_on_is_told_to(world: World) -> None:
    async with served(world) as api, wire(api) as line:
        await line.send(post(b"", b"Expect: 100-continue", length=len(GOOD)))
        assert (await line.answer())[0] == 100
        await line.send(GOOD)
        assert (await line.answer())[0] == 202


@pytest.mark.parametrize("target", [b"*", b"http://elsewhere/livez", b"/../livez", b"/%2e%2e/x"])
async def test_odd_targets_are_answered(world: World, target: bytes) -> None:
    async with served(world) as api, wire(api) as line:
        await line.send(b"OPTIONS %s HTTP/1.1\r\nHost: x\r\n\r\n" % target)
        status, headers, _ = await line.answer()
        assert status in {404, 405}
        assert headers["Content-Type"] == "application/problem+json"


async def test_a_hostile_request_id_never_comes_back(world: World) -> None:
    for hostile in (b"a\0b", b"a\x7fb", b"a\xffb", b"a;b"):
        async with served(world) as api, wire(api) as line:
            await line.send(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: %s\r\n\r\n" % hostile)
            _, headers, _ = await line.answer()
            assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-Id"])


async def test_pipelined_requests_are_answered_in_order(world: World) -> None:
    async with served(world) as api, wire(api) as line:
        await line.send(post(GOOD, b"X-Request-Id: 1") + post(b"[]", b"X-Request-Id: 2"))
        first, second = await line.answer(), await line.answer()
        assert (first[0], first[1]["X-Request-Id"]) == (202, "1")
        assert (second[0], second[1]["X-Request-Id"]) == (422, "2")


async def test_an_old_client_is_answered(world: World) -> None:
    async with served(world) as api, wire(api) as line:
        await line.send(b"GET /livez HTTP/1.0\r\n\r\n")
        assert (await line.answer())[0] == 200
        await line.closed()


# Slow and silent


async def test_a_head_that_dribbles_in_is_cut_off(world: World) -> None:
    async with served(world, replace(PATIENT, head_seconds=HURRIED)) as api, wire(api) as line:
        await line.send(b"GET /livez HTTP/1.1\r\nX: ")
        await line.dribble_until_closed(endless(b"a"))
    assert cut(world, "slow_head") == 1


async def test_the_head_of_a_later_request_is_cut_off_too(world: World) -> None:
    async with served(world, replace(PATIENT, head_seconds=HURRIED)) as api, wire(api) as line:
        await line.send(post())
        assert (await line.answer())[0] == 202
        await line.send(b"GET /livez HTTP/1.1\r\nX: ")
        await line.dribble_until_closed(endless(b"a"))
    assert cut(world, "slow_head") == 1


async def test_a_head_in_time_is_not_cut_off_later(world: World) -> None:
    limits = replace(PATIENT, head_seconds=HURRIED)
    async with served(world, limits) as api, wire(api) as line:
        await line.send(b"POST /deposit HTTP/1.1\r\nHost: x\r\n")
        await eventually(lambda: _waits_for_a_head(api))
        await line.send(b"Content-Type: application/json\r\nContent-Length: 26\r\n\r\n")
        for byte in GOOD:
            await line.send(bytes([byte]))
            await asyncio.sleep(PACE_SECONDS)
        assert (await line.answer())[0] == 202
        await line.send(post())
        assert (await line.answer())[0] == 202
    assert cut(world, "slow_head") == 0


async def test_a_body_that_dribbles_in_is_answered_408_and_cut_off(world: World) -> None:
    limits = replace(PATIENT, body_seconds=HURRIED, linger_seconds=HURRIED)
    async with served(world, limits) as api, wire(api) as line:
        await line.send(post(b"", length=1_000))
        await line.send(b"{")
        status, headers, body = await line.answer()
        assert (status, body["code"]) == (408, "body_timeout")
        assert headers["Connection"] == "close"
        await line.dribble_until_closed(endless(b" "))
    assert world.records == []


async def test_a_refused_body_that_never_ends_is_cut_off(world: World) -> None:
    async with served(world, replace(PATIENT, linger_seconds=HURRIED)) as api, wire(api) as line:
        await line.send(post(b"", length=10**12))
        assert (await line.answer())[0] == 413
        await line.dribble_until_closed(endless(b" " * 1_000))


async def test_a_body_that_is_cut_short_reaches_no_log(world: World) -> None:
    async with served(world, PATIENT) as api:
        async with wire(api) as line:
            await line.send(post(GOOD, length=1_000))
        await eventually(lambda: open_connections(world) == 0)
        await eventually(lambda: _answered(world, 400) == 1)
    assert _answered(world, 500) == 0
    assert world.records == []


async def test_a_chunked_body_that_never_ends_is_refused_before_its_end(world: World) -> None:
    head = (
        b"POST /deposit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    async with served(world, replace(PATIENT, linger_seconds=HURRIED)) as api, wire(api) as line:
        await line.send(head)
        answer = asyncio.ensure_future(line.answer())
        while not answer.done():
            await line.send(b"400\r\n" + b" " * 1_024 + b"\r\n")
            await asyncio.sleep(0)
        assert (await answer)[0] == 413


@pytest.mark.parametrize("first", [b"", post()])
async def test_an_idle_connection_is_closed(world: World, first: bytes) -> None:
    async with served(world, replace(PATIENT, idle_seconds=HURRIED)) as api, wire(api) as line:
        if first:
            await line.send(first)
            assert (await line.answer())[0] == 202
        assert await line.closed() == b""


async def test_a_client_that_does_not_take_its_answers_is_cut_off(world: World) -> None:
    async with served(world, replace(PATIENT, write_seconds=HURRIED)) as api:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
            client.connect(("127.0.0.1", api.server.port))
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            flood = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 2_000
            sending = asyncio.ensure_future(loop.sock_sendall(client, flood))
            await eventually(lambda: cut(world, "slow_reader") == 1)
            await eventually(lambda: open_connections(world) == 0)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def test_connections_beyond_the_limit_are_turned_away(world: World) -> None:
    async with served(world, replace(PATIENT, max_connections=2)) as api:
        async with wire(api) as one, wire(api) as two:
            for line in (one, two):
                await line.send(post())
                assert (await line.answer())[0] == 202
            async with wire(api) as three:
                assert (await three.closed()).startswith(b"HTTP/1.1 503 ")
            await one.send(post())
            assert (await one.answer())[0] == 202
        await eventually(lambda: open_connections(world) == 0)
        async with wire(api) as again:
            await again.send(post())
            assert (await again.answer())[0] == 202
    assert cut(world, "too_many") == 1


def _waits_for_a_head(api: Api) -> bool:
    server = api.server._runner.server
    assert server is not None
    return any(getattr(one, "_head_deadline", None) for one in server.connections)


def _answered(world: World, status: int) -> float:
    labels = {"route": "/deposit", "method": "POST", "status": str(status)}
    value = world.metrics.registry.get_sample_value("counterfoil_http_requests_total", labels)
    return value or 0.0


# Starting and stopping


async def test_a_taken_port_is_one_sentence(world: World) -> None:
    async with served(world) as api:
        app = build_health_app(HealthParts((), frozenset(), world.metrics))
        other = HttpServer(app, "127.0.0.1", api.server.port, world.metrics.http, PATIENT)
        with pytest.raises(CannotListenError) as raised:
            await other.__aenter__()
        assert str(raised.value) == f"Cannot listen on {api.server.url}: the port is taken."


async def test_stopping_finishes_what_is_in_hand(world: World) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    passed = world.passed

    async def slow_passed(position: Any, within_seconds: float) -> bool:
        begun.set()
        await go_on.wait()
        return await passed(position, within_seconds)

    world.passed = slow_passed  # type: ignore[method-assign]
    world.release = go_on.set  # type: ignore[method-assign]
    async with served(world, PATIENT) as api:
        port = api.server.port
        async with wire(api) as busy, wire(api) as idle:
            await busy.send(post(GOOD, b"Prefer: wait=30"))
            await idle.send(post())
            assert (await idle.answer())[0] == 202
            await begun.wait()
            await api.server.__aexit__(None, None, None)
            assert (await busy.answer())[0] == 201
            assert await busy.closed() == b""
            assert await idle.closed() == b""
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_who_waits_when_the_server_stops_gets_a_receipt_now(world: World) -> None:
    async with LedgerPositionWatch(MemoryLedgerReader(world.books), max_waiters=10) as watch:
        world.outcome = watch.outcome  # type: ignore[method-assign]
        world.release = watch.release  # type: ignore[method-assign]
        async with served(world, PATIENT) as api, wire(api) as line:
            await line.send(post(GOOD, b"Prefer: wait=30"))
            await eventually(lambda: len(watch._waiters) == 1)
            await api.server.__aexit__(None, None, None)
            status, headers, body = await line.answer()
    assert (status, body["status"]) == (202, "pending")
    assert headers["Preference-Applied"] == "wait=30"


async def test_stopping_does_not_wait_for_ever(world: World) -> None:
    begun = asyncio.Event()

    async def stuck(position: Any, within_seconds: float) -> bool:
        begun.set()
        await asyncio.Event().wait()
        return False

    world.passed = stuck  # type: ignore[method-assign]
    async with asyncio.timeout(DEADLINE_SECONDS):
        async with served(world, replace(PATIENT, stop_seconds=HURRIED)) as api, wire(api) as line:
            await line.send(post(GOOD, b"Prefer: wait=30"))
            await begun.wait()
            await api.server.__aexit__(None, None, None)
            assert await line.closed() == b""
