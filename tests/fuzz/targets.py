"""Everything that reads what others wrote. The bytes of a finding become one more of the seeds."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from adapters.inbound.http.openapi.examples import recorded_examples
from adapters.records import encode
from core.entities.command import Command
from core.entities.feed_bookmark import FeedBookmark, digest_of_topic
from tests.command_examples import COMMANDS
from tests.fuzz.decoders.bodies import TYPES, read_batch, read_body
from tests.fuzz.decoders.cursors import genuine, read_cursor
from tests.fuzz.decoders.records import read_record
from tests.fuzz.decoders.rows import read_rows
from tests.fuzz.decoders.texts import (
    read_amount,
    read_bookmark,
    read_headers,
    read_id,
    read_key,
    read_position,
    read_query,
)
from tests.fuzz.target import Target


def record_bytes(command: Command) -> bytes:
    """A command as the target `record` takes it."""
    return str(command.transaction_id).encode() + b"\n" + encode(command).value


def _bodies() -> Iterator[bytes]:
    operations = recorded_examples().operations
    for number, type_ in enumerate(TYPES):
        yield bytes([number]) + json.dumps(operations[type_.value].body).encode()


def _batches() -> Iterator[bytes]:
    items = [json.dumps(one).encode() for one in recorded_examples().operations["batch"].body]
    yield b"[" + b",".join(items) + b"]"
    yield b"\n" + b"\n".join(items)


_AMOUNTS_AT_THE_EDGE: Final = (
    b"100000000000000.00",
    b"100000000000000.01",
    b"1.0E+16",
    b"1e-40",
    b"1e99999999999999999999",
    b"0e-99999999999999999999",
)
_TIMES_AT_THE_EDGE: Final = (b"0001-01-01T00:00:00+14:00", b"9999-12-31t23:59:59-14:00")
_BOOKMARKS: Final = [
    FeedBookmark(digest_of_topic("topic"), offsets)
    for offsets in ((0,), (7, 300, 2**63 - 1), (10**9,) * 8)
]
_TRANSFERS: Final = b"""\
type,user_id,from_user_id,to_user_id,amount,currency
deposit,alice,,,1.50,USD
transfer,,alice,bob,1,JPY
"""
_DEPOSITS: Final = b"""\
\xef\xbb\xbfuser_id,amount,reference,metadata.a,idempotency_key,rejected_line\r
alice,1e2,"order ""17"",
in two lines",b,k,7\r
"""
TARGETS: Final[Mapping[str, Target]] = {
    "amount": Target(read_amount, [b"100.50", b"-0", *_AMOUNTS_AT_THE_EDGE]),
    "batch": Target(read_batch, [*_batches()]),
    "body": Target(read_body, [*_bodies()]),
    "bookmark": Target(read_bookmark, [str(one).encode() for one in _BOOKMARKS]),
    "cursor": Target(read_cursor, genuine()),
    "headers": Target(
        read_headers,
        [
            b"wait=5, respond-async",
            b'foo="a,\\"b"; c',
            b"text/csv;q=0.5, application/pdf, */*;q=0",
            b"text/csv;q=\x1d1",
        ],
    ),
    "id": Target(read_id, [b"01a20697-bf10-7a66-98df-82d7a32740d9", b"{urn:uuid:"]),
    "key": Target(read_key, [b"order-17", b'"a \\"quoted\\" one"', b"batch 17"]),
    "position": Target(read_position, [b"3:1234", b"7:999999999999999999"]),
    "query": Target(read_query, [b"2026-01-31T12:00:00.123456+05:30", b"50", *_TIMES_AT_THE_EDGE]),
    "record": Target(read_record, [record_bytes(one) for one in COMMANDS]),
    "rows": Target(read_rows, [_TRANSFERS, _DEPOSITS]),
}
