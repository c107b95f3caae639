"""How a command is written in a record of the command log, whichever log that is.

Key: the user id, or the id of the hold or transaction that the command names. Value: JSON
(`CommandRecord`). Headers: `transaction_id` and `request_id`, so that both are known even of a
value that cannot be read. Others are kept, and mean nothing to what a command is.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from adapters.order_records import (
    AccountRecord,
    DiscardRecord,
    Metadata,
    OrderRecord,
    order_of,
    record_of,
)
from core.entities.account import is_user_id
from core.entities.command import (
    MAX_CLIENT_CHARACTERS,
    MAX_REFERENCE_CHARACTERS,
    MAX_STORED_KEY_CHARACTERS,
    Command,
    shard_of_order,
)
from core.entities.orders import Discard, Order, Transfer, place_of, type_of, users_named
from core.entities.record import Headers, Undecodable
from core.entities.transaction_id import may_be_ours, shard_of_id

FORMAT_VERSION: Final = 2
TRANSACTION_ID_HEADER: Final = "transaction_id"
REQUEST_ID_HEADER: Final = "request_id"
MAX_REQUEST_ID_CHARACTERS: Final = 128
_ESCAPED_NUL: Final = rb"\u0000"
"""As JSON has to write it."""


class CommandRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The value of a record."""

    v: int
    id: UUID
    order: OrderRecord
    client: Annotated[str, Meta(max_length=MAX_CLIENT_CHARACTERS)]
    fingerprint: bytes
    reference: Annotated[str, Meta(max_length=MAX_REFERENCE_CHARACTERS)] | None = None
    metadata: Metadata | None = None
    idempotency_key: Annotated[str, Meta(max_length=MAX_STORED_KEY_CHARACTERS)] | None = None


class EncodedRecord(msgspec.Struct, frozen=True):
    """Key, value and headers as they are appended."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class RawRecord(msgspec.Struct, frozen=True):
    """The same of a record that may be none of ours."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(CommandRecord)


def encode(command: Command, further_headers: Headers = ()) -> EncodedRecord:
    """The record of a command, with headers beside its own."""
    record = CommandRecord(
        v=FORMAT_VERSION,
        id=command.transaction_id,
        order=record_of(command.order),
        client=command.client,
        fingerprint=command.fingerprint,
        reference=command.reference,
        metadata=command.metadata,
        idempotency_key=command.idempotency_key,
    )
    return EncodedRecord(
        key=key_of(command.order),
        value=_encoder.encode(record),
        headers=[
            (TRANSACTION_ID_HEADER, str(command.transaction_id).encode()),
            (REQUEST_ID_HEADER, command.request_id.encode()),
            *further_headers,
        ],
    )


def key_of(order: Order) -> bytes:
    """The key of the order's record, and of what tells its outcome."""
    return str(place_of(order)).encode()


def decode(value: bytes | None, headers: Headers) -> Command | Undecodable:
    """The command that a record holds; never raises, whatever the bytes."""
    try:
        if value is None:
            return _undecodable("the record has no value", headers)
        record = _decoder.decode(value)
        order = order_of(record.order)
        reason = _nonsense(record, order, may_hold_nul=b"\\" in value and _ESCAPED_NUL in value)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        return _undecodable(f"{type(error).__name__}: {error}", headers)
    if reason is not None:
        return _undecodable(reason, headers)
    # By position: naming the fields would double the time that this takes.
    return Command(
        record.id,
        type_of(order),
        order,
        record.reference,
        record.metadata,
        record.client,
        record.idempotency_key,
        record.fingerprint,
        (_header(headers, REQUEST_ID_HEADER) or "")[:MAX_REQUEST_ID_CHARACTERS],
    )


def _nonsense(record: CommandRecord, order: Order, *, may_hold_nul: bool) -> str | None:
    """What no accepted command can say, though it is well-formed: such a record was not ours."""
    if record.v != FORMAT_VERSION:
        return f"format version {record.v} is not known"
    for user_id in users_named(order):
        if not is_user_id(user_id):
            return "a user id is none"
    if type(order) is Transfer and any(one.from_user_id == one.to_user_id for one in order.legs):
        return "a transfer goes nowhere"
    if not may_be_ours(record.id) or shard_of_order(order) != shard_of_id(record.id):
        return "the transaction id is none of ours, or not one of this user"
    if type(order) is Discard and order.dead_letter_id != record.id:
        return "a discard has another id than its dead letter"
    if may_hold_nul and any("\0" in text for text in _texts(record)):
        # The ledger could not store it, and would stop the partition.
        return "a text contains NUL"
    if len(record.fingerprint) != 32:
        return "the fingerprint is not 32 bytes long"
    return None


def _texts(record: CommandRecord) -> Iterator[str]:
    for text in (record.reference, record.idempotency_key, record.client):
        yield text or ""
    yield from _texts_in(record.metadata)
    if isinstance(record.order, AccountRecord):
        yield from _texts_in(record.order.metadata)
    elif isinstance(record.order, DiscardRecord):
        yield record.order.reason


def _texts_in(metadata: Mapping[str, str] | None) -> Iterator[str]:
    for name, text in (metadata or {}).items():
        yield name
        yield text


def _undecodable(reason: str, headers: Headers) -> Undecodable:
    return Undecodable(reason, _transaction_id(headers))


def _transaction_id(headers: Headers) -> UUID | None:
    text = _header(headers, TRANSACTION_ID_HEADER)
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


def _header(headers: Headers, name: str) -> str | None:
    for header, value in headers:
        if header == name:
            return value.decode("utf-8", "replace").replace("\0", "")
    return None
