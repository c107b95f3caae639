"""What the books, and the topic of outcomes, say after everything: as the checks need it."""

from collections.abc import Sequence
from typing import Final

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from adapters.outbound.kafka.event_records import ID_HEADER
from adapters.outbound.kafka.topics import TRANSACTIONS_TOPIC

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
READ_MILLISECONDS: Final = 1_000


class BookTransaction(msgspec.Struct, frozen=True):
    """A transaction of the books; amounts in minor units."""

    transaction_id: str
    reference: str | None
    idempotency_key: str | None
    type: str
    status: str
    rejection_code: str | None
    user_id: str | None
    amount: int | None
    log_partition: int
    log_offset: int

    @property
    def decided(self) -> str:
        """As the history writes it: `posted`, or the code of the rejection."""
        return self.rejection_code or self.status


class BookEntry(msgspec.Struct, frozen=True):
    """An entry on a user's account, in minor units."""

    user_id: str
    sequence: int
    amount: int
    balance_after: int
    log_partition: int
    log_offset: int


class BookAccount(msgspec.Struct, frozen=True):
    """A user's account at the end, in minor units."""

    user_id: str
    balance: int
    held: int


class Commit(msgspec.Struct, frozen=True):
    """A page of a partition, written at `at` (seconds since 1970)."""

    partition: int
    at: float


class ToldEntry(msgspec.Struct, frozen=True):
    """An entry as an event tells of it; the balance with its currency's decimals."""

    user_id: str
    sequence: int
    balance_after: str


class Event(msgspec.Struct, frozen=True):
    """An outcome as it was published; in its partition at `offset`."""

    partition: int
    offset: int
    event_id: str
    position: str
    status: str
    value: bytes
    entries: tuple[ToldEntry, ...] = ()


class Books(msgspec.Struct, frozen=True):
    """All of it. Events of a partition are in their order."""

    transactions: Sequence[BookTransaction]
    entries: Sequence[BookEntry]
    accounts: Sequence[BookAccount]
    commits: Sequence[Commit]
    events: Sequence[Event]


class _Body(msgspec.Struct):
    """What an outcome's body is asked for."""

    position: str
    status: str
    entries: tuple[ToldEntry, ...] = ()


async def read_books(dsn: str, kafka: str, partition_count: int) -> Books:
    """Everything, at rest. Raises `OSError`, `asyncpg.PostgresError`, or aiokafka's errors."""
    events = await _events(kafka, partition_count)
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
        )
    finally:
        await connection.close()


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
