"""Make the books anew: the command log says what was asked, the pages say in which order."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from core.entities.page import Page
from core.entities.page_row import PageRow
from core.errors import DifferenceError
from core.ports.command_feed import CommandFeed
from core.ports.pages import PageFeed
from core.usecases.find_missing_pages import in_order
from core.usecases.reposting import Books, Reposting, ToldButTheLast

MAX_UNTOLD_PAGES: Final = 64
"""Of a partition, so many may be posted whose outcomes nobody was told of yet."""


@dataclass(frozen=True, slots=True)
class RebuildBooks:
    """Posts every page that was told into empty books, in the order of their numbers."""

    books: Books
    feed: CommandFeed
    pages: PageFeed
    partition_count: int

    async def __call__(self) -> AsyncIterator[tuple[PageRow, Page]]:
        """Each page as it is posted.

        Raises `DifferenceError` when the books are not empty, or a page is not what was told;
        `HaltError`; `EventsLostError` when the first pages are gone; `UnavailableError`.
        """
        if await self.books.partitions.states():
            raise DifferenceError("these books are not empty")
        rows = in_order([row async for row in self.pages.rows()])
        told = ToldButTheLast(MAX_UNTOLD_PAGES)
        async with Reposting(self.books, self.feed, self.partition_count, told) as reposting:
            for row in rows:
                page = await reposting.post(row)
                if page is None:
                    raise DifferenceError(f"page {row.number} is in these books already")
                yield row, page
