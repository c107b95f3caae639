"""Small builders of what tests talk about, each with sensible defaults."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final
from uuid import UUID

from adapters.records import decode, encode
from core.entities.command import (
    ANONYMOUS_CLIENT,
    Command,
    CommandType,
    LoggedCommand,
    fingerprint_of,
)
from core.entities.position import Position
from core.entities.record import Headers, Record
from core.entities.shard import partition_of, shard_of
from core.entities.transaction_id import keyed_transaction_id, with_shard

PARTITIONS: Final = 8
NOON: Final = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
_numbers = count(1)


class FixedClock:
    """A `Clock` that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def unkeyed_id(user_id: str) -> UUID:
    """An id of our making that no other call gives."""
    return with_shard(UUID(int=next(_numbers) << 80 | 7 << 76 | 2 << 62), shard_of(user_id))


def command(
    type: CommandType = CommandType.DEPOSIT,  # noqa: A002 (the field's own name)
    user_id: str = "alice",
    amount: int = 10_050,
    currency: str = "USD",
    reference: str | None = None,
    idempotency_key: str | None = None,
    transaction_id: UUID | None = None,
    request_id: str = "request-1",
) -> Command:
    """A command as `SubmitCommand` makes it."""
    if transaction_id is None and idempotency_key is not None:
        transaction_id = keyed_transaction_id(ANONYMOUS_CLIENT, idempotency_key, shard_of(user_id))
    return Command(
        transaction_id=transaction_id or unkeyed_id(user_id),
        type=type,
        user_id=user_id,
        amount=amount,
        currency=currency,
        reference=reference,
        client=ANONYMOUS_CLIENT,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint_of(type, user_id, amount, currency, reference),
        request_id=request_id,
    )


def deposit(user_id: str = "alice", amount: int = 10_050, **others: object) -> Command:
    """A deposit, by default of 100.50 USD."""
    return command(CommandType.DEPOSIT, user_id, amount, **others)  # type: ignore[arg-type]


def withdrawal(user_id: str = "alice", amount: int = 10_050, **others: object) -> Command:
    """A withdrawal, by default of 100.50 USD."""
    return command(CommandType.WITHDRAW, user_id, amount, **others)  # type: ignore[arg-type]


def partition_for(user_id: str) -> int:
    """The partition that carries a user's commands."""
    return partition_of(shard_of(user_id), PARTITIONS)


def logged(
    one: Command, offset: int = 0, partition: int | None = None, at: datetime = NOON
) -> LoggedCommand:
    """The command as it lies in the log, in its user's partition unless told otherwise."""
    where = partition_for(one.user_id) if partition is None else partition
    return LoggedCommand(Position(where, offset), at, one)


def record(
    one: Command, offset: int = 0, partition: int | None = None, at: datetime = NOON
) -> Record:
    """The record of a command."""
    encoded = encode(one)
    where = partition_for(one.user_id) if partition is None else partition
    content = decode(encoded.value, encoded.headers)
    return Record(
        Position(where, offset), at, encoded.key, encoded.value, tuple(encoded.headers), content
    )


def broken_record(
    offset: int = 0, partition: int = 0, value: bytes | None = b"\xff", headers: Headers = ()
) -> Record:
    """A record that no code can read."""
    content = decode(value, headers)
    return Record(Position(partition, offset), NOON, b"key", value, tuple(headers), content)
