"""Where an account lives: twelve bits of its user's hash, for ever."""

import hashlib
from functools import lru_cache
from typing import Final

SHARD_BITS: Final = 12
SHARD_COUNT: Final = 1 << SHARD_BITS
_MAX_REMEMBERED: Final = 1 << 16


@lru_cache(_MAX_REMEMBERED)
def shard_of(user_id: str) -> int:
    """The shard (0 to 4095) of a user: the first twelve bits of SHA-256 of the id in UTF-8.

    Stored in every key and every transaction id, so it can never change.
    """
    digest = hashlib.sha256(user_id.encode()).digest()
    return digest[0] << 4 | digest[1] >> 4


def partition_of(shard: int, partition_count: int) -> int:
    """The partition of the command log that carries the commands of a shard."""
    return shard % partition_count
