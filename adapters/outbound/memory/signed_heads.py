"""Signed heads in memory."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks, StoredPage
from core.entities.chain import GENESIS
from core.entities.page import Outcomes
from core.entities.signed_head import PageEnd, SignedHead
from core.ports.signed_heads import Stretch


class MemorySignedHeads:
    """`SignedHeads` and `Proofs` over `MemoryBooks`."""

    def __init__(self, books: MemoryBooks) -> None:
        self._books = books

    async def newest(self) -> Mapping[int, SignedHead]:
        """The newest of each partition."""
        return {partition: heads[-1] for partition, heads in self._books.signed_heads.items()}

    async def unsigned_pages(self, partition: int, limit: int) -> Sequence[PageEnd]:
        """Told pages behind the newest signed head."""
        heads = self._books.signed_heads.get(partition)
        signed = heads[-1].statement.page_number if heads else 0
        position = self._books.positions.get(partition)
        told = 0 if position is None else position.told_page
        pages = takewhile(
            lambda one: one.number <= told, self._books.pages_after(partition, signed)
        )
        return [end for one in pages if (end := _end_of(one)) is not None][:limit]

    async def store(self, head: SignedHead) -> bool:
        """Keep a signed head."""
        kept = self._books.signed_heads.setdefault(head.statement.partition, [])
        if any(one.statement.page_number == head.statement.page_number for one in kept):
            return False
        kept.append(head)
        kept.sort(key=lambda one: one.statement.page_number)
        return True

    async def signed_pages(
        self, partition: int, after_page: int, limit: int
    ) -> Sequence[tuple[SignedHead, PageEnd | None]]:
        """Signed heads, each with its page."""
        pages = {one.number: one for one in self._books.pages}
        behind = [
            (one, _end_of(pages.get(one.statement.page_number)))
            for one in self._books.signed_heads.get(partition, [])
            if one.statement.page_number > after_page
        ]
        return behind[:limit]

    async def stretch(self, transaction_id: UUID) -> Stretch | None:
        """What leads from a transaction to a signed head."""
        position = self._books.transactions[transaction_id].position
        pages = self._books.pages_by_partition.get(position.partition, [])
        index, own = next(
            (index, one)
            for index, one in enumerate(pages)
            if any(it.command.transaction_id == transaction_id for it in one.page.transactions)
        )
        heads = self._books.signed_heads.get(position.partition, [])
        behind = [one for one in heads if one.statement.page_number >= own.number]
        if not behind or own.page.head is None:
            return None
        before = pages[index - 1].page.head if index else None
        return Stretch(
            first_page=own.number,
            offsets=range(own.run.first_offset, behind[0].statement.next_offset),
            head_before=before or GENESIS,
            secret=self._books.secret(position.partition),
            signed_head=behind[0],
        )

    async def outcomes(self, stretch: Stretch, offsets: range) -> Outcomes:
        """What became of some of its records."""
        pages = self._pages(stretch)
        return Outcomes(
            [
                one
                for page in pages
                for one in page.page.transactions
                if one.position.offset in offsets
            ],
            [
                one
                for page in pages
                for one in page.page.dead_letters
                if one.record.position.offset in offsets
            ],
        )

    def _pages(self, stretch: Stretch) -> list[StoredPage]:
        statement = stretch.signed_head.statement
        return [
            one
            for one in self._books.pages_by_partition[statement.partition]
            if stretch.first_page <= one.number <= statement.page_number
        ]


def _end_of(stored: StoredPage | None) -> PageEnd | None:
    if stored is None or stored.page.head is None:
        return None
    run = stored.run
    return PageEnd(
        run.partition, stored.number, run.first_offset, run.next_offset, stored.page.head
    )
