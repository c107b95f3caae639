"""Transaction ids: UUIDs (RFC 9562) that carry their shard.

Twelve bits follow the version: `rand_a` of a version 7, `custom_b` of a version 8. They hold the
shard, so a command that names nothing but an id finds its partition before the ledger knows it.
"""

import hashlib
from typing import Final
from uuid import UUID

from core.entities.shard import SHARD_COUNT

_SHARD_SHIFT: Final = 64
_SHARD_MASK: Final = (SHARD_COUNT - 1) << _SHARD_SHIFT
_VERSION_SHIFT: Final = 76
_VARIANT_SHIFT: Final = 62
_VARIANT: Final = 0x2
"""Of RFC 9562, section 4.1: the two bits before the last 62."""
_VERSION_AND_VARIANT_MASK: Final = 0xF << _VERSION_SHIFT | 0x3 << _VARIANT_SHIFT
_VERSION_8_AND_VARIANT: Final = 8 << _VERSION_SHIFT | _VARIANT << _VARIANT_SHIFT
_OURS: Final = frozenset(
    version << _VERSION_SHIFT | _VARIANT << _VARIANT_SHIFT for version in (7, 8)
)


def with_shard(time_ordered: UUID, shard: int) -> UUID:
    """`time_ordered` (a UUIDv7) with `shard` in place of its twelve `rand_a` bits."""
    return UUID(int=time_ordered.int & ~_SHARD_MASK | shard << _SHARD_SHIFT)


def keyed_transaction_id(client: str, idempotency_key: str, shard: int) -> UUID:
    """The UUIDv8 that every retry of one keyed command arrives at, through any API process."""
    name = client.encode()
    digest = hashlib.sha256(
        b"counterfoil/idempotency-key/1\0"
        + len(name).to_bytes(4, "big")
        + name
        + idempotency_key.encode()
    ).digest()
    bits = int.from_bytes(digest[:16], "big") & ~(_VERSION_AND_VARIANT_MASK | _SHARD_MASK)
    return UUID(int=bits | _VERSION_8_AND_VARIANT | shard << _SHARD_SHIFT)


def shard_of_id(transaction_id: UUID) -> int:
    """The shard that an id carries."""
    return (transaction_id.int & _SHARD_MASK) >> _SHARD_SHIFT


def may_be_ours(transaction_id: UUID) -> bool:
    """False for a UUID that Counterfoil cannot have made."""
    return transaction_id.int & _VERSION_AND_VARIANT_MASK in _OURS
