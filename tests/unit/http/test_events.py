"""`GET /events`: server-sent events, from now on or from where the client was."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientResponse

from adapters.inbound.http.limits import HttpLimits
from adapters.live_events.streams import EventStreams
from core.entities.feed_bookmark import FeedBookmark, digest_of_topic
from core.entities.outcome_event import EventType
from tests.builders import PARTITIONS
from tests.eventually import eventually
from tests.sse import EventSource, SentEvent
from tests.staged_feed import StagedFeed
from tests.unit.http.conformance import assert_described
from tests.unit.http.wire import HURRIED, open_connections, wire
from tests.unit.http.world import STREAM_LIMITS, Api, World, served


@asynccontextmanager
async def streaming(
    api: Api, source: EventSource, query: str = "", **headers: str
) -> AsyncIterator[tuple[ClientResponse, AsyncIterator[SentEvent]]]:
    """A stream, whose first id has come."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if source.last_event_id:
        named["Last-Event-ID"] = source.last_event_id
    async with (
        asyncio.timeout(20),
        api.session.get(f"{api.server.url}/events{query}", headers=named) as answer,
    ):
        assert_described("GET", "/events", answer.status, answer.headers, None)
        assert answer.status == 200
        yield answer, source.events(answer)


async def test_what_is_told_from_now_on_comes(api: Api, world: World) -> None:
    source = EventSource()
    world.feed.tell()
    async with streaming(api, source) as (answer, events):
        told = [world.feed.tell(), world.feed.tell(1, type_=EventType.TRANSACTION_REJECTED)]
        came = [await anext(events), await anext(events)]
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "counterfoil"
    assert [one.type for one in came] == [one.type.value for one in told]
    assert [one.data for one in came] == [one.data.decode() for one in told]
    assert source.retry_ms == 1_000
    assert len({one.id for one in came}) == 2


async def test_the_first_id_comes_before_any_event(api: Api, world: World) -> None:
    source = EventSource()
    async with streaming(api, source) as (answer, _):
        head = await answer.content.readuntil(b"\r\n\r\n")
    assert head.startswith(b"retry: 1000\r\nid: ")
    source.last_event_id = head.decode().split("id: ")[1].strip()
    told = world.feed.tell()
    async with streaming(api, source) as (_, events):
        assert (await anext(events)).data == told.data.decode()


@pytest.mark.parametrize("by_query", [False, True])
async def test_whoever_comes_back_goes_on_right_after_the_last_id(
    api: Api, world: World, *, by_query: bool
) -> None:
    source = EventSource()
    async with streaming(api, source) as (_, events):
        world.feed.tell()
        await anext(events)
    told = [world.feed.tell(number % PARTITIONS) for number in range(20)]
    query = f"?last_event_id={source.last_event_id}" if by_query else ""
    source = EventSource() if by_query else source
    async with streaming(api, source, query) as (_, events):
        came = [(await anext(events)).data for _ in told]
    assert sorted(came) == sorted(one.data.decode() for one in told)


async def test_the_header_counts_where_a_browser_comes_back_with_both(
    api: Api, world: World
) -> None:
    source = EventSource()
    async with streaming(api, source) as (_, events):
        old = world.feed.tell()
        old_id = (await anext(events)).id
        world.feed.tell()
        await anext(events)
    told = world.feed.tell()
    async with streaming(api, source, f"?last_event_id={old_id}") as (_, events):
        came = (await anext(events)).data
    assert came == told.data.decode() != old.data.decode()


async def test_a_stream_is_of_one_user_and_status_alone(api: Api, world: World) -> None:
    source = EventSource()
    async with streaming(api, source, "?user_id=bob&status=rejected") as (_, events):
        world.feed.tell(users=["alice"], type_=EventType.TRANSACTION_REJECTED)
        world.feed.tell(users=["bob"])
        told = world.feed.tell(users=["alice", "bob"], type_=EventType.TRANSACTION_REJECTED)
        came = await anext(events)
    assert json.loads(came.data) == {"transaction_id": str(told.event_id)}


@pytest.mark.parametrize("text", ["x", "A" * 8_000, "AVp1jw=="])
async def test_an_id_that_is_none_is_refused(api: Api, text: str) -> None:
    answer = await api.get("/events", headers={"Last-Event-ID": text})
    assert (answer.status, answer.body["field"]) == (422, "Last-Event-ID")
    answer = await api.get(f"/events?last_event_id={text[:4_000]}")
    assert (answer.status, answer.body["field"]) == (422, "last_event_id")


async def test_an_empty_id_is_none(api: Api) -> None:
    async with streaming(api, EventSource(), Last_Event_ID="") as (answer, _):
        assert answer.status == 200


async def test_an_id_of_another_topic_is_gone(api: Api) -> None:
    bookmark = FeedBookmark(digest_of_topic("another"), (0,) * PARTITIONS)
    answer = await api.get("/events", headers={"Last-Event-ID": str(bookmark)})
    assert (answer.status, answer.body["code"]) == (410, "events_gone")
    assert "newer_cursor" in answer.body["detail"]


async def test_more_streams_than_may_be_are_refused(api: Api, world: World) -> None:
    async with (
        streaming(api, EventSource()),
        streaming(api, EventSource()),
        streaming(api, EventSource()),
    ):
        answer = await api.get("/events")
    assert (answer.status, answer.body["code"]) == (503, "too_many_streams")
    assert answer.headers["Retry-After"] == "1"
    # Whoever has gone holds no place, even while nothing is told.
    await eventually(lambda: world.feed.open_readers == 0)
    async with streaming(api, EventSource()):
        pass


async def test_a_stream_cannot_start_while_the_events_are_away(api: Api, world: World) -> None:
    world.feed.go_away()
    answer = await api.get("/events")
    assert (answer.status, answer.body["code"]) == (503, "events_unavailable")


async def test_a_stream_ends_when_the_events_go_away(api: Api, world: World) -> None:
    source = EventSource()
    async with streaming(api, source) as (_, events):
        world.feed.go_away()
        assert [one async for one in events] == []
    world.feed.come_back()
    told = world.feed.tell()
    async with streaming(api, source) as (_, events):
        assert (await anext(events)).data == told.data.decode()


async def test_head_answers_at_once(api: Api, world: World) -> None:
    answer = await api.call("HEAD", "/events")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
    await eventually(lambda: world.feed.open_readers == 0)


async def test_a_stream_ends_after_its_time(world: World) -> None:
    async with (
        served(world, HttpLimits(stream_seconds=0)) as api,
        streaming(api, EventSource()) as (_, events),
    ):
        assert [one async for one in events] == []


async def test_a_stream_that_wants_little_is_marked_from_time_to_time(world: World) -> None:
    source = EventSource()
    async with (
        served(world, HttpLimits(stream_mark_seconds=HURRIED, idle_seconds=HURRIED)) as api,
        streaming(api, source, "?user_id=alice") as (answer, _),
    ):
        first = await answer.content.readuntil(b"\r\n\r\n")
        world.feed.tell(users=["bob"])
        mark = b": ping\r\n\r\n"
        while mark == b": ping\r\n\r\n":
            mark = await answer.content.readuntil(b"\r\n\r\n")
        assert mark.startswith(b"id: ")
        assert mark[4:] not in first
        # And it lives on, though nothing was asked for longer than a connection may be idle.
        told = world.feed.tell(users=["alice"])
        rest = b""
        while told.data not in rest:
            rest = await answer.content.readuntil(b"\r\n\r\n")


async def test_all_streams_end_at_once_when_the_server_stops(world: World) -> None:
    async with (
        asyncio.timeout(20),
        served(world, HttpLimits(stop_seconds=600)) as api,
        api.session.get(f"{api.server.url}/events") as answer,
    ):
        stopping = asyncio.create_task(api.server.__aexit__(None, None, None))
        # An answer that is broken off cannot be read to its end.
        body = await answer.content.read()
        await stopping
    assert body.startswith(b"retry:")


async def test_a_client_that_stops_reading_is_cut_off(world: World) -> None:
    async with (
        served(world, HttpLimits(write_seconds=HURRIED)) as api,
        wire(api) as deaf,
    ):
        await deaf.send(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        await deaf.reader.readuntil(b"\r\n\r\n")
        while world.feed.open_readers == 1:
            for _ in range(500):
                world.feed.tell()
            await asyncio.sleep(0)
        await eventually(lambda: open_connections(world) == 0)


async def test_a_stream_of_many_partitions_has_few_of_its_long_ids(world: World) -> None:
    world.feed = StagedFeed(600)
    world.streams = EventStreams(world.feed, STREAM_LIMITS)
    world.feed.max_run = 50
    source = EventSource()
    async with served(world) as api:
        async with streaming(api, source) as (_, events):
            told = [world.feed.tell(number) for number in range(100)]
            came = [await anext(events) for _ in told]
        assert len({one.id for one in came}) < 60
        later = world.feed.tell(599)
        async with streaming(api, source) as (_, events):
            seen = [await anext(events)]
            while seen[-1].data != later.data.decode():
                seen.append(await anext(events))
    assert {one.data for one in [*came, *seen]} == {one.data.decode() for one in [*told, later]}
