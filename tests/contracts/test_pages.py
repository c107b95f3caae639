"""What every log of pages and its feed promise."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import pytest

from adapters.outbound.kafka import page_feed
from adapters.outbound.memory.pages import MemoryPages
from core.entities.dead_letter import DeadLetterReason
from core.entities.page_row import Condemned, PageRow
from core.errors import EventsUnavailableError
from core.ports.pages import PageFeed, PageLog
from infra.local.kafka import LocalKafka
from tests.builders import NOON
from tests.eventually import eventually
from tests.kafka_log import fresh_topics


class Pages(NamedTuple):
    """Both sides."""

    log: PageLog
    feed: PageFeed


@asynccontextmanager
async def over_kafka(server: LocalKafka) -> AsyncIterator[Pages]:
    async with AsyncExitStack() as stack:
        topics = await stack.enter_async_context(fresh_topics(server.bootstrap_servers))
        log = await stack.enter_async_context(topics.page_log())
        feed = await stack.enter_async_context(topics.page_feed())
        await eventually(lambda: log.is_connected)
        await eventually(lambda: _is_led(feed))
        yield Pages(log, feed)


async def _is_led(feed: PageFeed) -> bool:
    """Whether a topic that was just made has leaders."""
    try:
        return [row async for row in feed.rows()] == []
    except EventsUnavailableError:
        return False


@pytest.fixture(params=["memory", "kafka"])
async def pages(request: pytest.FixtureRequest, kafka: LocalKafka) -> AsyncIterator[Pages]:
    if request.param == "memory":
        both = MemoryPages()
        yield Pages(both, both)
        return
    async with over_kafka(kafka) as pages:
        yield pages


def row(number: int, partition: int, head: bytes | None = b"h" * 32) -> PageRow:
    condemned = (Condemned(8, DeadLetterReason.NOT_APPLICABLE),) if number % 2 else ()
    return PageRow(
        *(number, partition, 3, 5, 9, 3, 6, 1, head, b"s" * 32, number % 2 == 0, NOON, condemned)
    )


async def told(pages: Pages) -> list[PageRow]:
    return [row async for row in pages.feed.rows()]


async def test_nothing_is_told_at_first(pages: Pages) -> None:
    assert await told(pages) == []
    assert await pages.feed.last([0, 1]) == {}


async def test_rows_come_as_they_were_told_each_place_in_its_order(pages: Pages) -> None:
    here, there = [row(1, 0), row(2, 1), row(4, 0)], [row(3, 1, head=None)]
    await pages.log.tell({0: here, 1: there})

    found = await told(pages)

    assert [one for one in found if one.number != 3] == here
    assert [one for one in found if one.number == 3] == there


async def test_the_last_row_is_the_partitions_own_one_of_the_highest_number(pages: Pages) -> None:
    await pages.log.tell({0: [row(1, 0), row(7, 0)], 1: [row(3, 0), row(4, 1)]})
    await pages.log.tell({0: [row(1, 0), row(8, 1)]})

    assert await pages.feed.last([0, 1, 2]) == {0: row(7, 0), 1: row(4, 1)}


async def test_an_own_row_is_found_behind_many_of_others(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_feed, "LAST_RECORDS", 3)
    await pages.log.tell({0: [row(1, 0), *(row(number, 1) for number in range(2, 12))]})

    assert await pages.feed.last([0, 1]) == {0: row(1, 0)}


async def test_rows_of_many_batches_keep_their_order(pages: Pages) -> None:
    many = [row(number, 0) for number in range(1, 4_001)]
    await pages.log.tell({0: many})

    assert await told(pages) == many
