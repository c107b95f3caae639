"""Tell the rows of pages, so that none is told before those that it depends on."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from core.entities.page_row import PageRow
from core.ports.ledger import Ledger
from core.ports.pages import PageLog

MAX_HEADS: Final = 1_024
"""Of a partition, so many of the last heads are remembered: more than a publisher has to tell."""


class ToldPages(NamedTuple):
    """The number of the last page of a partition that was told, and the last heads, it included."""

    last_number: int = 0
    heads: Collection[bytes | None] = ()


NOTHING_TOLD: Final = ToldPages()


@dataclass(frozen=True, slots=True)
class TellPages:
    """Tells what is committed and not told, and remembers how far it got, by partition.

    A page depends on those of other partitions that changed accounts that it read. They were
    committed before it, so whoever looks after it was committed sees them: with it, those that are
    not known to be told are told, too, unless none of all can have crossed partitions.
    """

    ledger: Ledger
    pages: PageLog
    _told: dict[int, ToldPages] = field(default_factory=dict)

    async def __call__(self, partitions: Collection[int]) -> Mapping[int, ToldPages]:
        """Tell all pages of these partitions that are committed by now.

        Returns what is told by now of each of them that has anything told. Raises
        `EventsUnavailableError`, `LedgerUnavailableError`.
        """
        rows = self._fresh(await self.ledger.untold_pages())
        batches = {partition: _batch(partition, rows) for partition in partitions}
        batches = {partition: batch for partition, batch in batches.items() if batch}
        if batches:
            await self.pages.tell(batches)
        for partition, batch in batches.items():
            self._told[partition] = self._with(partition, batch)
        return {one: self._told[one] for one in partitions if one in self._told}

    def _with(self, partition: int, batch: Sequence[PageRow]) -> ToldPages:
        before = self._told.get(partition, NOTHING_TOLD)
        own = [row.head for row in batch if row.partition == partition]
        return ToldPages(batch[-1].number, deque([*before.heads, *own], MAX_HEADS))

    def _fresh(self, rows: Sequence[PageRow]) -> list[PageRow]:
        told = {partition: one.last_number for partition, one in self._told.items()}
        return [row for row in rows if row.number > told.get(row.partition, 0)]


def _batch(partition: int, rows: Sequence[PageRow]) -> list[PageRow]:
    """What to tell in the partition's place: its own rows, behind what they may depend on."""
    numbers = [row.number for row in rows if row.partition == partition]
    if not numbers:
        return []
    earlier = [row for row in rows if row.number <= numbers[-1]]
    if any(row.may_cross for row in earlier):
        return earlier
    return [row for row in earlier if row.partition == partition]
