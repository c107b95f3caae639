"""Streams share one reader, end when they must, and take no more than they may."""

import asyncio
from dataclasses import replace

import pytest

from core.entities.event_filter import EventFilter
from core.entities.outcome_event import EventType
from core.errors import EventsUnavailableError, StreamEnd, StreamOverError
from core.refusals import EventsGoneError, TooManyStreamsError
from tests.eventually import eventually
from tests.staged_feed import StagedFeed
from tests.unit.live_events.following import EVERYTHING, SMALL, Client, settled, streams_of, take


@pytest.fixture
def feed() -> StagedFeed:
    return StagedFeed(3)


async def test_what_is_told_from_now_on_comes(feed: StagedFeed) -> None:
    feed.tell()
    async with streams_of(feed).stream(EVERYTHING, None) as stream:
        told = [feed.tell(), feed.tell()]
        assert await take(stream, 2) == told


async def test_many_streams_share_one_reader_which_ends_with_the_last(feed: StagedFeed) -> None:
    streams = streams_of(feed)
    async with streams.stream(EVERYTHING, None) as one:
        async with streams.stream(EVERYTHING, None) as other:
            assert feed.readers_opened == 1
            told = feed.tell()
            assert await take(one, 1) == await take(other, 1) == [told]
        assert feed.open_readers == 1
    assert feed.open_readers == 0
    async with streams.stream(EVERYTHING, None):
        assert (feed.open_readers, feed.readers_opened) == (1, 2)


async def test_a_stream_takes_only_what_it_wants(feed: StagedFeed) -> None:
    streams = streams_of(feed)
    wanted = EventFilter("alice", EventType.TRANSACTION_REJECTED)
    async with streams.stream(wanted, None) as stream:
        feed.tell(users=["bob"], type_=EventType.TRANSACTION_REJECTED)
        feed.tell(users=["alice"])
        told = feed.tell(users=["bob", "alice"], type_=EventType.TRANSACTION_REJECTED)
        assert await take(stream, 1) == [told]


async def test_the_bookmark_moves_on_while_nothing_wanted_comes(feed: StagedFeed) -> None:
    async with streams_of(feed).stream(EventFilter("alice"), None) as stream:
        feed.tell(users=["bob"])
        feed.tell_what_nobody_can_read(2)
        await eventually(lambda: stream.bookmark.next_offsets == (1, 0, 1))


async def test_the_bookmark_stays_before_what_was_not_taken(feed: StagedFeed) -> None:
    async with streams_of(feed).stream(EventFilter("alice"), None) as stream:
        begun = stream.bookmark
        feed.tell()
        feed.tell(users=["bob"])
        await settled()
        assert stream.bookmark == begun
        await stream.next()
        assert stream.bookmark.next_offsets == (2, 0, 0)


async def test_whoever_missed_little_needs_no_reader(feed: StagedFeed) -> None:
    streams = streams_of(feed)
    client = Client()
    async with streams.stream(EVERYTHING, None) as other:
        async with client.connected(streams):
            pass
        told = [feed.tell(), feed.tell()]
        await take(other, 2)
        async with client.connected(streams) as stream:
            assert await take(stream, 2) == told
            assert feed.readers_opened == 1


async def test_whoever_missed_much_reads_for_itself_and_then_joins(feed: StagedFeed) -> None:
    streams = streams_of(feed)
    client = Client()
    async with client.connected(streams):
        pass
    told = [feed.tell() for _ in range(20)]
    async with streams.stream(EVERYTHING, None), client.connected(streams) as stream:
        assert await take(stream, 20) == told
        await eventually(lambda: feed.open_readers == 1)
        later = feed.tell(2)
        assert await take(stream, 1) == [later]


async def test_whoever_is_too_slow_is_cut_off_and_comes_back(feed: StagedFeed) -> None:
    streams = streams_of(feed)
    slow = Client()
    async with slow.connected(streams) as stream, streams.stream(EVERYTHING, None) as quick:
        told = []
        for _ in range(SMALL.queue_events + 1):
            told.append(feed.tell())
            await take(quick, 1)
        await slow.look(stream)
        assert len(slow.seen) == SMALL.queue_events
        with pytest.raises(StreamOverError) as over:
            await stream.next()
        assert over.value.reason is StreamEnd.TOO_SLOW
    async with slow.connected(streams) as stream:
        await slow.look(stream)
    assert slow.seen == told


async def test_few_large_events_are_too_many_as_well(feed: StagedFeed) -> None:
    size = len(feed.tell().data)
    streams = streams_of(feed, replace(SMALL, queue_bytes=2 * size, history_bytes=size))
    async with streams.stream(EVERYTHING, None) as stream:
        for _ in range(3):
            feed.tell()
            await settled()
        assert len(await take(stream, 1)) == 2
        with pytest.raises(StreamOverError):
            await stream.next()


async def test_whoever_catches_up_too_slowly_is_cut_off(feed: StagedFeed) -> None:
    feed.max_run = 1
    streams = streams_of(feed, replace(SMALL, queue_events=3, catch_up_seconds=0.01))
    client = Client()
    async with client.connected(streams):
        pass
    for _ in range(20):
        feed.tell()
    async with client.connected(streams) as stream:
        await eventually(lambda: feed.open_readers == 1)
        assert len(await take(stream, 1)) == 3
        with pytest.raises(StreamOverError) as over:
            await stream.next()
    assert over.value.reason is StreamEnd.TOO_SLOW


async def test_more_streams_than_may_be_are_refused(feed: StagedFeed) -> None:
    streams = streams_of(feed, replace(SMALL, max_streams=1))
    async with streams.stream(EVERYTHING, None):
        with pytest.raises(TooManyStreamsError):
            await streams.stream(EVERYTHING, None).__aenter__()
    async with streams.stream(EVERYTHING, None):
        pass


async def test_more_that_catch_up_than_may_are_refused_until_one_has(feed: StagedFeed) -> None:
    feed.max_run = 1
    streams = streams_of(feed, replace(SMALL, max_catch_ups=1, queue_events=3))
    begun = Client()
    async with begun.connected(streams):
        pass
    for _ in range(20):
        feed.tell()
    async with streams.stream(EVERYTHING, begun.bookmark) as stream:
        with pytest.raises(TooManyStreamsError):
            await streams.stream(EVERYTHING, begun.bookmark).__aenter__()
        await take(stream, 20)
        await settled()
        async with streams.stream(EVERYTHING, begun.bookmark):
            pass


async def test_what_is_not_kept_any_more_is_gone(feed: StagedFeed) -> None:
    streams = streams_of(feed)
    client = Client()
    async with client.connected(streams):
        pass
    for _ in range(9):
        feed.tell()
    feed.forget(0, before=1)
    with pytest.raises(EventsGoneError):
        await streams.stream(EVERYTHING, client.bookmark).__aenter__()
    assert feed.open_readers == 0


@pytest.mark.parametrize("next_offsets", [(0, 0), (0, 0, 0, 0), (0, 0, 1)])
async def test_a_place_that_the_feed_does_not_have_is_gone(
    feed: StagedFeed, next_offsets: tuple[int, ...]
) -> None:
    streams = streams_of(feed)
    async with streams.stream(EVERYTHING, None) as stream:
        forged = stream.bookmark._replace(next_offsets=next_offsets)
        with pytest.raises(EventsGoneError):
            await streams.stream(EVERYTHING, forged).__aenter__()


async def test_a_place_of_another_topic_is_gone(feed: StagedFeed) -> None:
    streams = streams_of(feed)
    client = Client()
    async with client.connected(streams):
        pass
    feed.topic_id = "topic-2"
    with pytest.raises(EventsGoneError):
        await streams.stream(EVERYTHING, client.bookmark).__aenter__()


async def test_streams_end_when_the_feed_goes_away_and_can_be_had_again(feed: StagedFeed) -> None:
    streams = streams_of(feed)
    client = Client()
    async with client.connected(streams) as stream:
        feed.go_away()
        with pytest.raises(StreamOverError) as over:
            await stream.next()
        assert over.value.reason is StreamEnd.EVENTS_AWAY
        with pytest.raises(EventsUnavailableError):
            await streams.stream(EVERYTHING, None).__aenter__()
        with pytest.raises(EventsUnavailableError):
            await streams.stream(EVERYTHING, client.bookmark).__aenter__()
        feed.come_back()
        told = feed.tell()
        async with client.connected(streams) as other:
            assert await take(other, 1) == [told]
    assert feed.open_readers == 0


async def test_a_feed_that_goes_away_ends_a_stream_that_catches_up(feed: StagedFeed) -> None:
    feed.max_run = 1
    streams = streams_of(feed, replace(SMALL, queue_events=3))
    client = Client()
    async with client.connected(streams):
        pass
    for _ in range(20):
        feed.tell()
    async with client.connected(streams) as stream:
        feed.is_away = True
        with pytest.raises(StreamOverError) as over:
            await take(stream, 20)
    assert over.value.reason is StreamEnd.EVENTS_AWAY


async def test_all_streams_end_when_the_process_stops_and_none_begins(feed: StagedFeed) -> None:
    streams = streams_of(feed)
    async with streams.stream(EVERYTHING, None) as stream:
        waiting = asyncio.create_task(stream.next())
        await settled()
        streams.release()
        with pytest.raises(StreamOverError) as over:
            await waiting
        assert over.value.reason is StreamEnd.STOPPING
        with pytest.raises(EventsUnavailableError):
            await streams.stream(EVERYTHING, None).__aenter__()


async def test_a_stream_that_is_closed_ends(feed: StagedFeed) -> None:
    async with streams_of(feed).stream(EVERYTHING, None) as stream:
        stream.close()
        with pytest.raises(StreamOverError) as over:
            await stream.next()
    assert over.value.reason is StreamEnd.CLOSED


async def test_whoever_gives_up_waiting_loses_nothing(feed: StagedFeed) -> None:
    async with streams_of(feed).stream(EVERYTHING, None) as stream:
        for _ in range(3):
            waiting = asyncio.create_task(stream.next())
            await settled()
            told = feed.tell()
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            assert await take(stream, 1) == [told]
