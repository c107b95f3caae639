"""Canonical bytes: the one way to write down what was decided, for it to be hashed.

Numbers are big-endian and of fixed width: a head that says how long each text is, then the texts,
UTF-8, one after the other. So no two different outcomes share their bytes. A change of any of this
is a new version of `core.proof.leaves`.
"""

import struct
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from core.entities.account import AccountKey
from core.entities.command import Metadata, metadata_parts, order_parts
from core.entities.dead_letter import DeadLetter
from core.entities.orders import Deposit, Order, Withdrawal
from core.entities.position import Position
from core.entities.record import record_hash
from core.entities.transaction import Entry, Rejection, Transaction

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ABSENT: Final = 0xFFFFFFFF
"""The length of what is not there, which is something else than what is empty."""
NO_EXPONENT: Final = 0xFF
NO_MONEY: Final = (0, None, NO_EXPONENT)
_MAX_REMEMBERED: Final = 4_096

# Partition and offset; id; fingerprint; accepted and posted, in microseconds since 1970; amount in
# minor units and exponent; number of entries; lengths of the ten texts.
_TRANSACTION: Final = struct.Struct(">HQ16s32sqqqBH10I")
_ENTRY: Final = struct.Struct(">QqqQq")
_ACCOUNT: Final = struct.Struct(">HII")
_DEAD_LETTER: Final = struct.Struct(">HQ16s32sI")
_PLACE: Final = struct.Struct(">HQ")
_LENGTH: Final = struct.Struct(">I")
_LOW_BITS: Final = (1 << 64) - 1


def transaction_bytes(transaction: Transaction) -> bytes:
    """All of a transaction but for its entries, of which it says how many there are."""
    (
        (transaction_id, kind, order, reference, metadata, client, key, fingerprint, request_id),
        position,
        accepted_at,
        posted_at,
        money,
        entries,
        rejection,
        hold_user_id,
    ) = transaction
    amount, currency, exponent = money or NO_MONEY
    return fields_bytes(
        position,
        transaction_id,
        fingerprint,
        accepted_at,
        posted_at,
        amount,
        currency,
        exponent,
        len(entries),
        kind,
        order_text(order),
        reference,
        metadata,
        client,
        key,
        request_id,
        hold_user_id,
        None if rejection is None else rejection_text(rejection),
    )


def fields_bytes(  # noqa: PLR0917 (a tuple of them would cost a record another microsecond)
    position: tuple[int, int],
    transaction_id: UUID,
    fingerprint: bytes,
    accepted_at: datetime,
    posted_at: datetime,
    amount: int,
    currency: str | None,
    exponent: int,
    entry_count: int,
    kind: str,
    order: bytes,
    reference: str | None,
    metadata: Metadata | None,
    client: str,
    key: str | None,
    request_id: str,
    hold_user_id: str | None,
    rejection: bytes | None,
) -> bytes:
    """The canonical bytes of a transaction, of what `order_text` and `rejection_text` made of two
    of its parts. Without money the amount is 0, the exponent `NO_EXPONENT`.
    """
    # What is seldom there has no bytes then, and a length that nothing can have.
    reference_text = b"" if reference is None else reference.encode()
    pairs = b"" if metadata is None else listed(metadata_parts(metadata))
    key_text = b"" if key is None else key.encode()
    currency_text = b"" if currency is None else currency.encode()
    hold_user_text = b"" if hold_user_id is None else hold_user_id.encode()
    type_text, client_text, request_text = kind.encode(), client.encode(), request_id.encode()
    partition, offset = position
    head = _TRANSACTION.pack(
        partition,
        offset,
        transaction_id.bytes,
        fingerprint,
        microseconds(accepted_at),
        microseconds(posted_at),
        amount,
        exponent,
        entry_count,
        len(type_text),
        len(order),
        _ABSENT if reference is None else len(reference_text),
        _ABSENT if metadata is None else len(pairs),
        len(client_text),
        _ABSENT if key is None else len(key_text),
        len(request_text),
        _ABSENT if currency is None else len(currency_text),
        _ABSENT if hold_user_id is None else len(hold_user_text),
        _ABSENT if rejection is None else len(rejection),
    )
    return (
        head
        + type_text
        + order
        + reference_text
        + pairs
        + client_text
        + key_text
        + request_text
        + currency_text
        + hold_user_text
        + (rejection or b"")
    )


def entry_bytes(entry: Entry) -> bytes:
    """An entry: sequence, amount, balance after (of 128 bits), time of posting, and account."""
    account, sequence, amount, balance_after, posted_at = entry
    high, low = balance_after >> 64, balance_after & _LOW_BITS
    posted = microseconds(posted_at)
    return _ENTRY.pack(sequence, amount, high, low, posted) + _account(account)


def dead_letter_bytes(letter: DeadLetter) -> bytes:
    """A dead letter: the hash of the record as it lay in the log, and why it was condemned."""
    record = letter.record
    reason = letter.reason.encode()
    head = _DEAD_LETTER.pack(
        *record.position, letter.transaction_id.bytes, record_hash(record), len(reason)
    )
    return head + reason


def place_bytes(position: Position) -> bytes:
    """A place of the log, of which nothing came."""
    return _PLACE.pack(*position)


def order_text(order: Order) -> bytes:
    """Of deposits and withdrawals the user, since the money stands beside it."""
    if type(order) is Deposit or type(order) is Withdrawal:
        return order.user_id.encode()
    return listed(order_parts(order))


def rejection_text(rejection: Rejection) -> bytes:
    """Code, currency, figures and facts."""
    return listed(_rejection_parts(rejection))


def _rejection_parts(rejection: Rejection) -> Iterable[str | None]:
    yield from (rejection.code, rejection.currency)
    yield from _sorted(rejection.figures)
    yield from _sorted(rejection.facts)


def _sorted(pairs: Mapping[str, object]) -> Iterable[str]:
    yield str(len(pairs))
    for name in sorted(pairs):
        yield from (name, str(pairs[name]))


def listed(texts: Iterable[str | None]) -> bytes:
    """Texts one after the other, each with its length before it."""
    encoded = [None if text is None else text.encode() for text in texts]
    return b"".join(
        [
            _LENGTH.pack(_ABSENT) if text is None else _LENGTH.pack(len(text)) + text
            for text in encoded
        ]
    )


@lru_cache(_MAX_REMEMBERED)
def microseconds(time: datetime) -> int:
    """Since 1970."""
    return (time - _EPOCH) // _MICROSECOND


@lru_cache(_MAX_REMEMBERED)
def _account(key: AccountKey) -> bytes:
    shard, user_id, currency = key
    user, code = user_id.encode(), currency.encode()
    return _ACCOUNT.pack(shard, len(user), len(code)) + user + code
