"""The bytes of a signed head's statement: fixed width, big-endian, the name's length before it."""

import struct
from typing import Final

from core.entities.signed_head import HeadStatement
from core.proof.canonical import microseconds

_DOMAIN: Final = b"counterfoil/signed-head/1"
# Partition; page number; next offset; head; signed at, in microseconds since 1970; length of name.
_STATEMENT: Final = struct.Struct(">HQQ32sqI")


def statement_bytes(statement: HeadStatement) -> bytes:
    """What is signed. A change of any of this is a new version of the domain's name."""
    ledger, partition, page_number, next_offset, head, signed_at = statement
    name = ledger.encode()
    numbers = _STATEMENT.pack(
        partition, page_number, next_offset, head, microseconds(signed_at), len(name)
    )
    return _DOMAIN + numbers + name
