"""A head that was signed: from then on nobody can change what led to it unnoticed."""

from datetime import datetime
from typing import Final, NamedTuple

MAX_SIGNED_RECORDS: Final = 10_000
"""From one signed head of a partition to the next, unless a single page has more. A proof lists a
hash for each record between its transaction and the next signed head, so this bounds its size.
"""


class HeadStatement(NamedTuple):
    """What is signed: after page `page_number` of `ledger`, which ends before `next_offset` of
    `partition`, the partition's chain stood at `head`.

    `ledger` is the name that the operator gave it, lest its heads pass for those of another one.
    """

    ledger: str
    partition: int
    page_number: int
    next_offset: int
    head: bytes
    signed_at: datetime


class SignedHead(NamedTuple):
    """A statement, and its Ed25519 signature (RFC 8032) by the key with this id."""

    statement: HeadStatement
    key_id: str
    signature: bytes


class PageEnd(NamedTuple):
    """A page, and where it leaves its partition's chain."""

    partition: int
    number: int
    first_offset: int
    next_offset: int
    head: bytes
