"""Signed heads lie among the rows of pages, and whoever reads rows passes over them."""

import json
from collections.abc import AsyncIterator

import pytest

from adapters.outbound.memory.pages import MemoryPages
from core.entities.page_row import PageRow
from core.entities.signed_head import HeadStatement, SignedHead
from core.ports.pages import PageFeed, PageLog
from core.ports.signed_heads import HeadLog
from infra.local.kafka import LocalKafka
from tests.builders import NOON
from tests.contracts.books_under_test import PARTITION
from tests.eventually import eventually
from tests.kafka_log import fresh_topics


class Topic:
    """Both sides of the topic of pages."""

    def __init__(self, log: PageLog, heads: HeadLog, feed: PageFeed) -> None:
        self.tell = log.tell
        self.publish = heads.publish
        self.last = feed.last
        self.rows = feed.rows


def row(number: int) -> PageRow:
    head = bytes([number]) * 32
    return PageRow(number, PARTITION, 1, number - 1, number, 1, 2, 1, head, b"s" * 32, False, NOON)


def signed(number: int) -> SignedHead:
    head = bytes([number]) * 32
    statement = HeadStatement("tests", PARTITION, number, number, head, NOON)
    return SignedHead(statement, "0123456789abcdef", b"s" * 64)


@pytest.fixture(params=["memory", "kafka"])
async def topic(request: pytest.FixtureRequest, kafka: LocalKafka) -> AsyncIterator[Topic]:
    if request.param == "memory":
        memory = MemoryPages()
        yield Topic(memory, memory, memory)
        return
    async with (
        fresh_topics(kafka.bootstrap_servers) as topics,
        topics.page_log() as log,
        topics.page_feed() as feed,
    ):
        await eventually(lambda: log.is_connected)
        yield Topic(log, log, feed)


async def test_rows_are_read_as_if_there_were_no_heads(topic: Topic) -> None:
    await topic.publish(signed(1))
    assert await topic.last([PARTITION]) == {}
    for number in (1, 2):
        await topic.tell({PARTITION: [row(number)]})
        await topic.publish(signed(number))
    assert [one async for one in topic.rows()] == [row(1), row(2)]
    assert await topic.last([PARTITION]) == {PARTITION: row(2)}


async def test_a_head_is_published_in_its_own_partition(kafka: LocalKafka) -> None:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        async with topics.page_log() as log:
            await eventually(lambda: log.is_connected)
            await log.tell({PARTITION: [row(1)]})
            await log.publish(signed(1))
        told, head = await topics.read_all(topics.pages, PARTITION, 2)
    assert (told.headers, head.headers) == ({}, {"kind": b"signed_head"})
    assert head.key == str(PARTITION).encode()
    assert json.loads(head.value or b"") == {
        "ledger": "tests",
        "partition": PARTITION,
        "page_number": 1,
        "next_offset": 1,
        "head": "01" * 32,
        "signed_at": "2026-01-31T12:00:00.000000Z",
        "key_id": "0123456789abcdef",
        "signature": "73" * 64,
    }
