"""Notice that the books were put back to an earlier moment: pages were told that they lack."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from core.entities.page_row import PageRow
from core.errors import HaltError
from core.ports.ledger import Ledger
from core.ports.pages import PageFeed
from core.ports.partitions import Partitions

MAX_ASKED_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class FindMissingPages:
    """Compares what was told of pages with the books."""

    ledger: Ledger
    partitions: Partitions
    pages: PageFeed
    partition_count: int

    async def __call__(self) -> Sequence[PageRow]:
        """Pages of any partition that were told and are not in the books, by number.

        Pages that an operator gave up count as dealt with: see `Partitions.resume`. Raises
        `HaltError` when a page has another head in the books than was told;
        `LedgerUnavailableError`, `EventsUnavailableError`, `EventsLostError`.
        """
        told_pages = await self._told_pages()
        lasts = (await self.pages.last(range(self.partition_count))).values()
        wanted = [row for row in lasts if row.number > told_pages.get(row.partition, 0)]
        heads = await self.ledger.known_heads([row.number for row in lasts])
        for row in lasts:
            _raise_if_another(row, heads)
        if all(row.number in heads for row in wanted):
            return []
        return await self._missing(told_pages)

    async def without_known(self, missing: Sequence[PageRow]) -> Sequence[PageRow]:
        """Those that are still not in the books."""
        known: dict[int, bytes | None] = {}
        rows = iter(missing)
        while asked := [row.number for row in islice(rows, MAX_ASKED_AT_ONCE)]:
            known |= await self.ledger.known_heads(asked)
        for row in missing:
            _raise_if_another(row, known)
        return [row for row in missing if row.number not in known]

    async def _missing(self, told_pages: Mapping[int, int]) -> Sequence[PageRow]:
        told = [row async for row in self.pages.rows()]
        waited_for = (row for row in told if row.number > told_pages.get(row.partition, 0))
        return await self.without_known(in_order(waited_for))

    async def _told_pages(self) -> Mapping[int, int]:
        return {one.partition: one.told_page for one in await self.partitions.states()}


def _raise_if_another(row: PageRow, heads: Mapping[int, bytes | None]) -> None:
    if heads.get(row.number, row.head) != row.head:
        raise HaltError(
            f"page {row.number} (partition {row.partition}) is in the books with another head than "
            "was told: what it decided was changed, or another page has its number"
        )


def in_order(rows: Iterable[PageRow]) -> list[PageRow]:
    """Each row once, by number: an order in which everything that conflicts was posted."""
    by_number = {row.number: row for row in rows}
    return [by_number[number] for number in sorted(by_number)]
