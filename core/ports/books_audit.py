"""Checking the books against themselves."""

from collections.abc import Sequence
from typing import Protocol

from core.entities.audit import AccountPlace, ChainPlace, HoldPlace, PagePlace, Slice


class BooksAudit(Protocol):
    """Checks a slice of the books at a time, each as it stood at one moment.

    However much is posted meanwhile, nothing is found that is right; what is posted behind a slice
    is left to whoever begins anew. A slice is of at most `limit` rows of a kind (at least 2), but
    for a single page of more transactions. All methods raise `LedgerUnavailableError`.
    """

    async def partitions(self) -> Sequence[int]:
        """Every partition of which there is a position, a page, a transaction or an entry."""
        ...

    async def accounts(
        self, shards: Sequence[int], begin: AccountPlace | None, limit: int
    ) -> Slice[AccountPlace]:
        """Accounts of these shards, in the order of keys, from their beginning without `begin`.

        Their entries: sequences without gap, running balances, times that do not step back. Each
        account whose last entry the slice sees: its balance, its count of entries, what it holds,
        what it was given, its limit.
        """
        ...

    async def holds(
        self, shards: Sequence[int], begin: HoldPlace | None, limit: int
    ) -> Slice[HoldPlace]:
        """Holds of these shards: each is what its transactions made of it."""
        ...

    async def pages(self, partition: int, begin: PagePlace | None, limit: int) -> Slice[PagePlace]:
        """Pages of the partition, whole ones: each begins where the one before ended, has as many
        transactions and entries as it counted, and each transaction the entries that it says.
        """
        ...

    async def chain(
        self, partition: int, begin: ChainPlace | None, limit: int
    ) -> Slice[ChainPlace]:
        """Pages of the partition's chain: each head follows from the one before, and from the
        transactions, the entries and the dead letters of its page.
        """
        ...
