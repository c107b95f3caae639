"""Rows of pages and signed heads, told in memory."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from core.entities.page_row import PageRow
from core.entities.signed_head import SignedHead


class MemoryPages:
    """`PageLog`, `HeadLog` and `PageFeed` at once."""

    def __init__(self) -> None:
        self.told: dict[int, list[PageRow]] = defaultdict(list)
        self.heads: list[SignedHead] = []

    async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Tell rows, each place's in its order."""
        for partition, told in rows.items():
            self.told[partition].extend(told)

    async def publish(self, head: SignedHead) -> None:
        """Publish a signed head."""
        self.heads.append(head)

    async def last(self, partitions: Collection[int]) -> Mapping[int, PageRow]:
        """The partitions' own rows of the highest numbers."""
        return {
            partition: max(own, key=lambda row: row.number)
            for partition in partitions
            if (own := [row for row in self.told[partition] if row.partition == partition])
        }

    async def rows(self) -> AsyncIterator[PageRow]:
        """Every row that was told before the call."""
        for row in [row for told in self.told.values() for row in told]:
            yield row
