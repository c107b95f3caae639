"""Salts: what keeps a leaf from being guessed by whoever knows nearly all that it says.

They follow from one secret of a partition and the record's offset, so whoever posts the log again
arrives at the same ones. One salt tells nothing of another.
"""

import hashlib
import struct
from functools import lru_cache
from typing import Final

SALT_BYTES: Final = 16
SECRET_BYTES: Final = 32
ENTRIES_IN_BLOCK: Final = 2
"""What nearly all transactions have."""
OFFSETS_IN_BLOCK: Final = 64
"""Made at once: one call for many records, rather than one for each."""

_PLACE: Final = struct.Struct(">HQ")
_RECORD_BYTES: Final = SALT_BYTES * (1 + ENTRIES_IN_BLOCK)
_MAX_BLOCKS: Final = 256


def salts_of(secret: bytes, position: tuple[int, int], entry_count: int) -> bytes:
    """One salt for the record's leaf and one for each entry, one after the other.

    SHAKE-256 (FIPS 202) over the partition's secret and the place; of records with more entries
    than nearly all have, over their own.
    """
    partition, offset = position
    if entry_count > ENTRIES_IN_BLOCK:
        place = _PLACE.pack(partition, offset)
        size = SALT_BYTES * (1 + entry_count)
        return hashlib.shake_256(b"counterfoil/salts/1" + secret + place).digest(size)
    block, index = divmod(offset, OFFSETS_IN_BLOCK)
    start = index * _RECORD_BYTES
    return _block(secret, partition, block)[start : start + _RECORD_BYTES]


@lru_cache(_MAX_BLOCKS)
def _block(secret: bytes, partition: int, block: int) -> bytes:
    place = _PLACE.pack(partition, block)
    size = OFFSETS_IN_BLOCK * _RECORD_BYTES
    return hashlib.shake_256(b"counterfoil/salt-block/1" + secret + place).digest(size)
