"""Small builders of what tests talk about, each with sensible defaults."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final
from uuid import UUID

from adapters.outbound.system.currencies import IsoCurrencies
from adapters.records import decode, encode
from adapters.representations import Representations
from core.entities.account import AccountStatus
from core.entities.chain import GENESIS, Chain
from core.entities.command import (
    ANONYMOUS_CLIENT,
    Command,
    LoggedCommand,
    Metadata,
    fingerprint_of,
    shard_of_order,
)
from core.entities.dead_letter import DeadLetter, DeadLetterReason, dead_letter_id
from core.entities.money import Money
from core.entities.orders import (
    CaptureHold,
    ChangeAccount,
    Deposit,
    Discard,
    ExpireHold,
    Order,
    PlaceHold,
    Reverse,
    Transfer,
    TransferLeg,
    VoidHold,
    Withdrawal,
    type_of,
)
from core.entities.position import Position
from core.entities.record import Headers, Record
from core.entities.shard import partition_of, shard_of
from core.entities.transaction_id import keyed_transaction_id, shard_of_id, with_shard
from core.entities.webhooks.endpoint import Endpoint, EndpointStatus

PARTITIONS: Final = 8
EXPONENTS: Final = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
REPRESENTATIONS: Final = Representations(IsoCurrencies())
NOON: Final = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
CHAIN: Final = Chain(b"secret".ljust(32, b"\0"), GENESIS)
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
    return _new_id(shard_of(user_id))


def _new_id(shard: int) -> UUID:
    return with_shard(UUID(int=next(_numbers) << 80 | 7 << 76 | 2 << 62), shard)


def command(
    order: Order,
    reference: str | None = None,
    metadata: Metadata | None = None,
    idempotency_key: str | None = None,
    transaction_id: UUID | None = None,
    request_id: str = "request-1",
) -> Command:
    """A command as `SubmitCommand` makes it."""
    shard = shard_of_order(order)
    if transaction_id is None and idempotency_key is not None:
        transaction_id = keyed_transaction_id(ANONYMOUS_CLIENT, idempotency_key, shard)
    return Command(
        transaction_id=transaction_id or _new_id(shard),
        type=type_of(order),
        order=order,
        reference=reference,
        metadata=metadata,
        client=ANONYMOUS_CLIENT,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint_of(order, reference, metadata),
        request_id=request_id,
    )


def money(amount: int = 10_050, currency: str = "USD") -> Money:
    """By default 100.50 USD."""
    return Money(amount, currency, EXPONENTS[currency])


def deposit(
    user_id: str = "alice", amount: int = 10_050, currency: str = "USD", **others: Any
) -> Command:
    """A deposit, by default of 100.50 USD."""
    return command(Deposit(user_id, money(amount, currency)), **others)


def withdrawal(
    user_id: str = "alice", amount: int = 10_050, currency: str = "USD", **others: Any
) -> Command:
    """A withdrawal, by default of 100.50 USD."""
    return command(Withdrawal(user_id, money(amount, currency)), **others)


def transfer(
    payer: str = "alice",
    receiver: str = "bob",
    amount: int = 10_050,
    currency: str = "USD",
    **others: Any,
) -> Command:
    """A transfer of one leg."""
    return command(Transfer((leg(payer, receiver, amount, currency),)), **others)


def leg(payer: str, receiver: str, amount: int = 10_050, currency: str = "USD") -> TransferLeg:
    """A leg of a transfer."""
    return TransferLeg(payer, receiver, money(amount, currency))


def hold(
    user_id: str = "alice",
    amount: int = 10_050,
    currency: str = "USD",
    to_user_id: str | None = None,
    expires_in: int | None = None,
    **others: Any,
) -> Command:
    """A hold; its id is the command's."""
    order = PlaceHold(user_id, money(amount, currency), to_user_id, expires_in)
    return command(order, **others)


def capture(
    hold_id: UUID,
    amount: str | None = None,
    to_user_id: str | None = None,
    final: bool = True,
    **others: Any,
) -> Command:
    """A capture; `amount` is a decimal."""
    wanted = None if amount is None else Decimal(amount)
    return command(CaptureHold(hold_id, wanted, to_user_id, final), **others)


def void(hold_id: UUID, **others: Any) -> Command:
    """The voiding of a hold."""
    return command(VoidHold(hold_id), **others)


def expiry(hold_id: UUID, **others: Any) -> Command:
    """The expiry of a hold."""
    return command(ExpireHold(hold_id), **others)


def reversal(reversed_id: UUID, amount: str | None = None, **others: Any) -> Command:
    """A reversal; `amount` is a decimal."""
    wanted = None if amount is None else Decimal(amount)
    return command(Reverse(reversed_id, wanted), **others)


def discard(
    dead_letter_id: UUID,
    reason: str = "sent twice",
    position: Position | None = None,
    **others: Any,
) -> Command:
    """The giving up of a dead letter of this id, whose transaction is the command's own."""
    order = Discard(dead_letter_id, position or Position(5, 17), reason)
    return command(order, transaction_id=dead_letter_id, **others)


def change(
    user_id: str = "alice",
    currency: str = "USD",
    overdraft_limit: int | None = None,
    status: AccountStatus | None = None,
    account_metadata: Metadata | None = None,
    **others: Any,
) -> Command:
    """A change of an account's properties."""
    order = ChangeAccount(user_id, currency, overdraft_limit, status, account_metadata)
    return command(order, **others)


def partition_for(user_id: str) -> int:
    """The partition that carries a user's commands."""
    return partition_of(shard_of(user_id), PARTITIONS)


def _partition_of(one: Command) -> int:
    return partition_of(shard_of_id(one.transaction_id), PARTITIONS)


def logged(
    one: Command, offset: int = 0, partition: int | None = None, at: datetime = NOON
) -> LoggedCommand:
    """The command as it lies in the log, in its user's partition unless told otherwise."""
    where = _partition_of(one) if partition is None else partition
    return LoggedCommand(Position(where, offset), at, one)


def record(
    one: Command, offset: int = 0, partition: int | None = None, at: datetime = NOON
) -> Record:
    """The record of a command."""
    encoded = encode(one)
    where = _partition_of(one) if partition is None else partition
    content = decode(encoded.value, encoded.headers)
    return Record(
        Position(where, offset), at, encoded.key, encoded.value, tuple(encoded.headers), content
    )


def letter_of(
    condemned: Record,
    reason: DeadLetterReason = DeadLetterReason.UNDECODABLE,
    detail: str = "no JSON",
) -> DeadLetter:
    """The dead letter that a record became."""
    return DeadLetter(condemned, reason, detail, dead_letter_id(condemned))


def broken_record(
    offset: int = 0, partition: int = 0, value: bytes | None = b"\xff", headers: Headers = ()
) -> Record:
    """A record that no code can read."""
    content = decode(value, headers)
    return Record(Position(partition, offset), NOON, b"key", value, tuple(headers), content)


def endpoint(url: str = "https://example.com/hook", **others: Any) -> Endpoint:
    """An endpoint that is called, of all types of events."""
    return Endpoint(
        endpoint_id=unkeyed_id("endpoint"),
        url=url,
        description=None,
        event_types=frozenset(),
        status=EndpointStatus.ENABLED,
        disabled_because=None,
        created_at=NOON,
    )._replace(**others)
