"""Checking the books slice by slice: where a slice begins, and what one comes to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Generic, NamedTuple, TypeVar
from uuid import UUID

from core.entities.account import AccountKey
from core.entities.finding import Finding
from core.entities.shard import SHARD_COUNT

MAX_SLICE_ROWS: Final = 20_000
"""Entries of a slice of accounts; transactions of one of pages; holds."""
MAX_SLICE_FINDINGS: Final = 100
"""What else is off in a slice says nothing more: whatever made it, it is looked at by hand."""


class AccountPlace(NamedTuple):
    """A slice of accounts begins with this one, after its entry `sequence`, which left it at
    `balance` (minor units) at `posted_at`.
    """

    account: AccountKey
    sequence: int = 0
    balance: int = 0
    posted_at: datetime | None = None


class HoldPlace(NamedTuple):
    """A slice of holds begins after this one."""

    shard: int
    hold_id: UUID


class PagePlace(NamedTuple):
    """A slice of a partition's pages begins after this one, which ended before `next_offset`."""

    number: int
    next_offset: int


class ChainPlace(NamedTuple):
    """A stretch of a partition's chain begins after this page, which left it at `head`; None while
    no page had one.
    """

    number: int = 0
    head: bytes | None = None


class Counts(NamedTuple):
    """How much was checked."""

    accounts: int = 0
    entries: int = 0
    holds: int = 0
    pages: int = 0
    transactions: int = 0
    chained_pages: int = 0
    signed_heads: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(*(one + another for one, another in zip(self, other, strict=True)))


Place = TypeVar("Place", AccountPlace, HoldPlace, PagePlace, ChainPlace)


class Slice(NamedTuple, Generic[Place]):
    """What was checked, what is off in it, and where the next slice begins; None behind the last
    one. Of many findings only some are told, those of the first pages before others.
    """

    counts: Counts
    findings: Sequence[Finding]
    next: Place | None


def shards_of_partition(partition: int, partition_count: int) -> range:
    """The shards whose accounts belong to the partition."""
    return range(partition, SHARD_COUNT, partition_count)
