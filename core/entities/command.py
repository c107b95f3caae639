"""A command: what a client asks for."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple, assert_never
from uuid import UUID

from core.entities.money import Money, plain
from core.entities.orders import (
    CaptureHold,
    ChangeAccount,
    CommandType,
    Deposit,
    Discard,
    ExpireHold,
    Order,
    PlaceHold,
    Reverse,
    Transfer,
    VoidHold,
    Withdrawal,
    place_of,
    type_of,
)
from core.entities.position import Position
from core.entities.shard import shard_of
from core.entities.transaction_id import shard_of_id

ANONYMOUS_CLIENT: Final = "anonymous"
"""The client of every command until clients are known by their API keys."""
MAX_CLIENT_CHARACTERS: Final = 128
MAX_REFERENCE_CHARACTERS: Final = 128
MAX_IDEMPOTENCY_KEY_CHARACTERS: Final = 255
MAX_BATCH_COMMANDS: Final = 1_000
MAX_STORED_KEY_CHARACTERS: Final = MAX_IDEMPOTENCY_KEY_CHARACTERS + 4
"""With the number of a batch's item."""
MAX_METADATA_PAIRS: Final = 20
MAX_METADATA_NAME_CHARACTERS: Final = 64
MAX_METADATA_VALUE_CHARACTERS: Final = 512
MAX_TRANSFER_LEGS: Final = 100
MAX_DISCARD_REASON_CHARACTERS: Final = 500

Metadata = Mapping[str, str]


class Command(NamedTuple):
    """One instruction to the ledger, complete in itself: only the books are needed to post it.

    `type` is that of `order`. `fingerprint` tells two commands under one idempotency key apart.
    `request_id` follows the command through the logs, nothing more.
    """

    transaction_id: UUID
    type: CommandType
    order: Order
    reference: str | None
    metadata: Metadata | None
    client: str
    idempotency_key: str | None
    fingerprint: bytes
    request_id: str


class LoggedCommand(NamedTuple):
    """A command as it lies in the log: with its place and the log's own time of appending."""

    position: Position
    recorded_at: datetime
    command: Command


def batch_item_key(batch_key: str, item: int) -> str:
    """The key of a batch's item that has none of its own. No client's key contains a space."""
    return f"{batch_key} {item}"


def shard_of_order(order: Order) -> int:
    """The shard whose partition carries the order; its transaction's id carries it, too."""
    place = place_of(order)
    return shard_of(place) if isinstance(place, str) else shard_of_id(place)


def fingerprint_of(order: Order, reference: str | None, metadata: Metadata | None) -> bytes:
    """SHA-256 over what was asked, defaults filled in. Equal for equal commands, whoever asks.

    Every part is length-prefixed, so that no two different commands share their bytes.
    """
    digest = hashlib.sha256(b"counterfoil/command/1")
    parts = [type_of(order), *order_parts(order), reference, *metadata_parts(metadata)]
    for part in parts:
        if part is None:
            digest.update(b"\0")
            continue
        encoded = part.encode()
        digest.update(b"\1" + len(encoded).to_bytes(4, "big") + encoded)
    return digest.digest()


def order_parts(order: Order) -> Iterator[str | None]:
    """All that an order says, its type aside, in an order that never changes."""
    match order:
        case Deposit() | Withdrawal():
            yield order.user_id
            yield from _money(order.money)
        case Transfer():
            yield f"legs:{len(order.legs)}"
            for leg in order.legs:
                yield from (leg.from_user_id, leg.to_user_id, *_money(leg.money))
        case PlaceHold():
            yield from (order.user_id, *_money(order.money), order.to_user_id)
            yield from (_whole(order.expires_in), _time(order.expires_at))
        case CaptureHold():
            yield from (str(order.hold_id), _decimal(order.amount), order.to_user_id)
            yield "final" if order.final else None
        case VoidHold() | ExpireHold():
            yield str(order.hold_id)
        case Reverse():
            yield from (str(order.reversed_id), _decimal(order.amount))
        case ChangeAccount():
            yield from (order.user_id, order.currency, _whole(order.overdraft_limit))
            yield order.status
            yield from metadata_parts(order.metadata) if order.metadata is not None else (None,)
        case Discard():
            yield from (str(order.dead_letter_id), str(order.position), order.reason)
        case _:
            assert_never(order)


def _money(money: Money) -> tuple[str, str]:
    return str(money.amount), money.currency


def metadata_parts(metadata: Metadata | None) -> Iterator[str | None]:
    """All pairs, sorted by name, and how many they are; nothing if there is no metadata."""
    if metadata is not None:
        yield f"metadata:{len(metadata)}"
        for name in sorted(metadata):
            yield from (name, metadata[name])


def _whole(number: int | None) -> str | None:
    return None if number is None else str(number)


def _decimal(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _time(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
