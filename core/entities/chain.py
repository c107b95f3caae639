"""Where a partition's chain of heads stands."""

from typing import Final, NamedTuple

DIGEST_BYTES: Final = 32
"""Of SHA-256 (FIPS 180-4): leaves, heads."""
GENESIS: Final = bytes(DIGEST_BYTES)
"""The head before the first record."""


class Chain(NamedTuple):
    """A partition's chain: its head after the last record that was posted.

    All salts of the partition are made of `secret`, which no client may know.
    """

    secret: bytes
    head: bytes
