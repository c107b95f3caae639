"""What is in the topic of pages, as JSON: rows of pages, and signed heads among them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from adapters.proof_records import signed_head_record
from core.entities.dead_letter import DeadLetterReason
from core.entities.page_row import Condemned, PageRow
from core.entities.signed_head import SignedHead

FORMAT_VERSION: Final = 1
KIND_HEADER: Final = "kind"
"""Of a record that is no row of a page."""
SIGNED_HEAD: Final = b"signed_head"
SIGNED_HEAD_HEADERS: Final = ((KIND_HEADER, SIGNED_HEAD),)


class CondemnedRecord(msgspec.Struct, frozen=True):
    """A record that became a dead letter."""

    offset: int
    reason: DeadLetterReason


class PageRecord(msgspec.Struct, frozen=True):
    """The value of a record of the topic of pages. Hashes and the secret are in hexadecimal."""

    v: int
    number: int
    partition: int
    epoch: int
    first_offset: int
    next_offset: int
    transactions: int
    entries: int
    rules_version: int
    head: str | None
    secret: str
    may_cross: bool
    written_at: datetime
    condemned: tuple[CondemnedRecord, ...]


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(PageRecord)


def encode_row(row: PageRow) -> bytes:
    """The record that tells of a page."""
    return _encoder.encode(
        PageRecord(
            v=FORMAT_VERSION,
            number=row.number,
            partition=row.partition,
            epoch=row.epoch,
            first_offset=row.first_offset,
            next_offset=row.next_offset,
            transactions=row.transaction_count,
            entries=row.entry_count,
            rules_version=row.rules_version,
            head=None if row.head is None else row.head.hex(),
            secret=row.secret.hex(),
            may_cross=row.may_cross,
            written_at=row.written_at,
            condemned=tuple(CondemnedRecord(*one) for one in row.condemned),
        )
    )


def encode_head(head: SignedHead) -> bytes:
    """The record that publishes a signed head; it has `SIGNED_HEAD_HEADERS`."""
    return _encoder.encode(signed_head_record(head))


def is_head(headers: Iterable[tuple[str, bytes]]) -> bool:
    """Whether a record with these headers is a signed head."""
    return (KIND_HEADER, SIGNED_HEAD) in headers


def decode_row(value: bytes | None) -> PageRow:
    """The page that a record tells of. Raises `ValueError` if it tells of none."""
    try:
        record = _decoder.decode(value or b"")
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"no row of a page: {error}") from error
    if record.v != FORMAT_VERSION:
        raise ValueError(f"a row of a page in format {record.v}, which is not known")
    return PageRow(
        number=record.number,
        partition=record.partition,
        epoch=record.epoch,
        first_offset=record.first_offset,
        next_offset=record.next_offset,
        transaction_count=record.transactions,
        entry_count=record.entries,
        rules_version=record.rules_version,
        head=None if record.head is None else bytes.fromhex(record.head),
        secret=bytes.fromhex(record.secret),
        may_cross=record.may_cross,
        written_at=record.written_at,
        condemned=tuple(Condemned(one.offset, one.reason) for one in record.condemned),
    )
