"""Checking the books against themselves, in memory. No method awaits anything, so each sees one
moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.outbound.memory.audit.accounts import AccountSlice
from adapters.outbound.memory.audit.chain import checked_chain
from adapters.outbound.memory.audit.holds import HoldSlice
from adapters.outbound.memory.audit.pages import PageSlice
from adapters.outbound.memory.books import MemoryBooks
from core.entities.audit import AccountPlace, ChainPlace, HoldPlace, PagePlace, Slice


@dataclass(frozen=True, slots=True)
class MemoryBooksAudit:
    """`BooksAudit` over `MemoryBooks`."""

    books: MemoryBooks

    async def partitions(self) -> Sequence[int]:
        """Every partition that the books know of."""
        placed = {one.position.partition for one in self.books.transactions.values()}
        of_pages = {one.run.partition for one in self.books.pages}
        return sorted(placed | of_pages | self.books.positions.keys())

    async def accounts(
        self, shards: Sequence[int], begin: AccountPlace | None, limit: int
    ) -> Slice[AccountPlace]:
        """A slice of accounts with their entries."""
        return AccountSlice(self.books, begin, limit).checked(shards)

    async def holds(
        self, shards: Sequence[int], begin: HoldPlace | None, limit: int
    ) -> Slice[HoldPlace]:
        """A slice of holds."""
        return HoldSlice(self.books).checked(shards, begin, limit)

    async def pages(self, partition: int, begin: PagePlace | None, limit: int) -> Slice[PagePlace]:
        """A slice of pages with their transactions."""
        return PageSlice(self.books, partition).checked(begin, limit)

    async def chain(
        self, partition: int, begin: ChainPlace | None, limit: int
    ) -> Slice[ChainPlace]:
        """A stretch of the partition's chain."""
        return checked_chain(self.books, partition, begin or ChainPlace(), limit)
