"""What is told of pages, for whoever has lost the books, or does not believe them."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Protocol

from core.entities.page_row import PageRow


class PageLog(Protocol):
    """Tells the rows of pages, each partition's in a place of its own."""

    async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Tell rows, by the partition in whose place each is told; they may be of others, too.

        Of one place they become durable in their order, so that no row is there without those
        before it; all of them are on return. Raises `EventsUnavailableError`; then some may be
        told, and all may be given again.
        """
        ...


class PageFeed(Protocol):
    """The reading side. Rows may come more than once, and always with the same content."""

    async def last(self, partitions: Collection[int]) -> Mapping[int, PageRow]:
        """Each partition's own row of the highest number that was told, if there is one.

        Raises `EventsUnavailableError`.
        """
        ...

    def rows(self) -> AsyncIterator[PageRow]:
        """Every row that was told before the call, each place's in its order.

        Raises `EventsUnavailableError`; `EventsLostError` when the first rows are gone.
        """
        ...
