"""Reading what the books, and the topics beside them, say."""

from typing import Final

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.event_records import ID_HEADER
from adapters.outbound.kafka.page_feed import KafkaPageFeed
from adapters.outbound.kafka.topics import PAGES_TOPIC, TRANSACTIONS_TOPIC
from adapters.outbound.postgres.database import Connection
from tests.chaos.books import (
    BookAccount,
    BookEntry,
    BookPage,
    Books,
    BookTransaction,
    Commit,
    Event,
    LostBooks,
    LostPage,
    ToldEntry,
)

_TRANSACTIONS: Final = """
    SELECT transaction_id::text AS transaction_id, reference, idempotency_key, type, status,
        rejection_code, user_id, amount, log_partition, log_offset
    FROM ledger_transaction ORDER BY log_partition, log_offset"""
_ENTRIES: Final = """
    SELECT user_id, sequence, amount, balance_after::bigint AS balance_after, log_partition,
        log_offset
    FROM entry WHERE user_id NOT LIKE '@%' ORDER BY user_id, sequence"""
_ACCOUNTS: Final = """
    SELECT user_id, balance::bigint AS balance, held FROM account WHERE user_id NOT LIKE '@%'"""
_COMMITS: Final = """
    SELECT partition, extract(epoch FROM written_at)::float8 AS at FROM page ORDER BY number"""
_PAGES: Final = "SELECT number, head FROM page"
_UNMARKED: Final = """
    SELECT number, head, partition, first_offset, page.next_offset
    FROM page JOIN log_position USING (partition) WHERE number > told_page"""
_DECIDED_THERE: Final = f"""
    SELECT one.* FROM ({{}}) AS one JOIN ({_UNMARKED}) AS page
    ON one.log_partition = page.partition
    AND one.log_offset >= page.first_offset AND one.log_offset < page.next_offset"""
READ_MILLISECONDS: Final = 1_000


class _Body(msgspec.Struct):
    """What an outcome's body is asked for."""

    position: str
    status: str
    entries: tuple[ToldEntry, ...] = ()


async def read_books(dsn: str, kafka: str, partition_count: int) -> Books:
    """Everything, at rest. Raises `OSError`, `asyncpg.PostgresError`, or aiokafka's errors."""
    events = await _events(kafka, partition_count)
    told = await told_pages(kafka, partition_count)
    connection = await asyncpg.connect(dsn)
    try:
        return Books(
            transactions=[
                BookTransaction(**dict(row)) for row in await connection.fetch(_TRANSACTIONS)
            ],
            entries=[BookEntry(**dict(row)) for row in await connection.fetch(_ENTRIES)],
            accounts=[BookAccount(**dict(row)) for row in await connection.fetch(_ACCOUNTS)],
            commits=[Commit(**dict(row)) for row in await connection.fetch(_COMMITS)],
            events=events,
            pages=await read_pages(connection),
            told_pages=told,
        )
    finally:
        await connection.close()


async def read_pages(connection: Connection) -> frozenset[BookPage]:
    """All pages that the books have."""
    return frozenset(BookPage(**dict(row)) for row in await connection.fetch(_PAGES))


async def told_pages(kafka: str, partition_count: int) -> frozenset[BookPage]:
    """All pages that were told by now. Raises `EventsUnavailableError`, `EventsLostError`."""
    async with KafkaPageFeed(KafkaConnection(kafka), PAGES_TOPIC, partition_count) as feed:
        return frozenset([BookPage(row.number, row.head) async for row in feed.rows()])


async def read_lost(connection: Connection, gone_at: float) -> LostBooks:
    """What was committed and is not marked as told, of books that nobody is at work in."""
    pages = await connection.fetch(f"{_UNMARKED} ORDER BY number")
    transactions = await connection.fetch(_DECIDED_THERE.format(_TRANSACTIONS))
    entries = await connection.fetch(
        f"{_DECIDED_THERE.format(_ENTRIES)} ORDER BY user_id, sequence"
    )
    return LostBooks(
        gone_at=gone_at,
        back_at=gone_at,
        pages=[
            LostPage(BookPage(number, head), partition, first_offset, next_offset)
            for number, head, partition, first_offset, next_offset in pages
        ],
        transactions=[BookTransaction(**dict(row)) for row in transactions],
        entries=[BookEntry(**dict(row)) for row in entries],
    )


async def _events(kafka: str, partition_count: int) -> list[Event]:
    """All of them, from the first on: what is read is counted by its offsets, since a consumer that
    was sent to the beginning may say that it is at the end already.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        places = [TopicPartition(TRANSACTIONS_TOPIC, number) for number in range(partition_count)]
        consumer.assign(places)
        # A first poll in any case: stopping a consumer that never ran raises CancelledError.
        await consumer.getmany(timeout_ms=1)
        ends = await consumer.end_offsets(places)
        next_offsets = dict(await consumer.beginning_offsets(places))
        for place, offset in next_offsets.items():
            consumer.seek(place, offset)
        found: list[Event] = []
        while any(next_offsets[place] < ends[place] for place in places):
            polled = await consumer.getmany(timeout_ms=READ_MILLISECONDS)
            for place, records in polled.items():
                found.extend(_event(one) for one in records)
                next_offsets[place] = records[-1].offset + 1
        return found
    finally:
        await consumer.stop()


def _event(record: "ConsumerRecord[bytes, bytes]") -> Event:
    body = msgspec.json.decode(record.value, type=_Body)
    event_id = dict(record.headers)[ID_HEADER].decode()
    return Event(
        partition=record.partition,
        offset=record.offset,
        event_id=event_id,
        position=body.position,
        status=body.status,
        value=record.value,
        entries=body.entries,
    )
