"""What a database transaction can change, each applied to the books at its commit."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from adapters.outbound.memory.books import MemoryBooks
from core.entities.log_position import LogPosition, untouched
from core.entities.page import Page, PageRun


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """A partition's position became what `change` makes of it."""

    partition: int
    now: datetime
    change: Callable[[LogPosition], LogPosition]

    def apply(self, books: MemoryBooks) -> None:
        """Change it."""
        known = books.positions.get(self.partition) or untouched(self.partition, self.now)
        books.positions[self.partition] = replace(self.change(known), updated_at=self.now)


@dataclass(frozen=True, slots=True)
class PageStored:
    """A page was written down."""

    run: PageRun
    page: Page
    written_at: datetime

    def apply(self, books: MemoryBooks) -> None:
        """Write it down."""
        books.store(self.run, self.page, self.written_at)


class Change(Protocol):
    """Anything that takes effect at a commit, all at once."""

    def apply(self, books: MemoryBooks, /) -> None:
        """Take effect."""
        ...


def moved(run: PageRun, page: Page, now: datetime) -> PositionChanged:
    """The position after a page."""
    return PositionChanged(
        run.partition,
        now,
        lambda before: replace(
            before,
            next_offset=run.next_offset,
            published_offset=max(before.published_offset, run.published_offset),
            told_page=max(before.told_page, run.told_page),
            last_record_hash=run.last_record_hash,
            condemned_in_a_row=page.condemned_in_a_row,
        ),
    )
