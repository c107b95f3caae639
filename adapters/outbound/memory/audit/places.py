"""Where a transaction was written."""

from collections.abc import Mapping
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks


def page_numbers(books: MemoryBooks) -> Mapping[UUID, int]:
    """The page of each transaction."""
    return {
        one.command.transaction_id: stored.number
        for stored in books.pages
        for one in stored.page.transactions
    }
