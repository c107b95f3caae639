"""Posting told pages again, one after the other, into books that do not have them."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Self

from core.entities.chain import Chain
from core.entities.ownership import Ownership
from core.entities.page import Page
from core.entities.page_row import PageRow
from core.errors import DifferenceError
from core.ports.command_feed import CommandFeed
from core.ports.ledger import Ledger
from core.ports.partitions import Partitions
from core.usecases.log_stretches import LogStretches
from core.usecases.repost_page import RepostPage

_AS_IT_WAS: Final = "posted again: the page that was told next begins here"

Told = Callable[[Ownership, PageRow], Ownership]
"""What is known to be told of a page that is about to be posted again."""


@dataclass(frozen=True, slots=True)
class Books:
    """The books that pages are posted into again."""

    ledger: Ledger
    partitions: Partitions


class Reposting:
    """Owns the partitions whose pages it is given, for as long as its context lasts."""

    def __init__(self, books: Books, feed: CommandFeed, partition_count: int, told: Told) -> None:
        self._books = books
        self._feed = feed
        self._told = told
        self._repost = RepostPage(books.ledger, partition_count)
        self._records = LogStretches(feed)
        self._owned: dict[int, Ownership] = {}

    async def __aenter__(self) -> Self:
        await self._records.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._records.__aexit__()

    async def post(self, row: PageRow) -> Page | None:
        """Post the page again; those before it, of any partition, are in the books already. None if
        it is there, too: whoever owned its partition before has posted it meanwhile.

        Raises `DifferenceError` when it is not what was told; `FencedError`, `HaltError`,
        `UnavailableError`.
        """
        ownership = await self._ownership(row)
        if ownership is None:
            return None
        records = await self._records.read(row.partition, row.first_offset, row.next_offset)
        page, ownership = await self._repost(self._told(ownership, row), row, records)
        self._owned[row.partition] = ownership
        return page

    async def halt(self, partition: int, reason: str) -> None:
        """Stop posting from a partition."""
        owned = self._owned.get(partition) or await self._take_over(partition)
        await self._books.ledger.halt(partition, owned.epoch, reason)

    async def _ownership(self, row: PageRow) -> Ownership | None:
        owned = self._owned.get(row.partition) or await self._take_over(row.partition)
        self._owned[row.partition] = owned
        if owned.next_offset != row.first_offset and await self._is_there(row):
            return None
        if owned.chain.secret != row.secret:
            owned = await self._adopted(owned, row)
        if owned.next_offset != row.first_offset:
            owned = await self._moved(owned, row.first_offset)
        self._owned[row.partition] = owned
        return owned

    async def _is_there(self, row: PageRow) -> bool:
        """Nobody else can post it any more, now that its partition is taken over."""
        return row.number in await self._books.ledger.known_heads([row.number])

    async def _take_over(self, partition: int) -> Ownership:
        ledger = self._books.ledger
        position = await ledger.take_over(partition)
        topic_id = (await self._feed.extent(partition)).topic_id
        if position.topic_id is None:
            await ledger.identify_log(partition, position.epoch, topic_id)
        return Ownership(
            partition=partition,
            topic_id=topic_id,
            epoch=position.epoch,
            next_offset=position.next_offset,
            published_offset=position.published_offset,
            told_page=position.told_page,
            condemned_in_a_row=position.condemned_in_a_row,
            chain=await ledger.chain(partition),
        )

    async def _adopted(self, owned: Ownership, row: PageRow) -> Ownership:
        """The partition's first page of all says what its salts are made of."""
        ledger = self._books.ledger
        if not await ledger.adopt_secret(owned.partition, owned.epoch, row.secret):
            raise DifferenceError(
                f"page {row.number} belongs to another chain of partition {row.partition} than "
                "the books have"
            )
        return replace(owned, chain=Chain(row.secret, owned.chain.head))

    async def _moved(self, owned: Ownership, at_offset: int) -> Ownership:
        """An operator let the partition go on elsewhere, at the time."""
        await self._books.ledger.halt(owned.partition, owned.epoch, _AS_IT_WAS)
        await self._books.partitions.resume(owned.partition, at_offset, _AS_IT_WAS, owned.told_page)
        return await self._take_over(owned.partition)


def as_marked(ownership: Ownership, _: PageRow) -> Ownership:
    """Nothing more than the books say: what is posted again is told again."""
    return ownership


@dataclass(frozen=True, slots=True)
class ToldButTheLast:
    """All pages are told, and all outcomes but those of the last pages of each partition."""

    max_untold_pages: int
    _firsts: dict[int, deque[int]] = field(default_factory=dict)

    def __call__(self, ownership: Ownership, row: PageRow) -> Ownership:
        """Mark what must have been told before this page was posted."""
        kept: deque[int] = deque(maxlen=self.max_untold_pages)
        firsts = self._firsts.setdefault(row.partition, kept)
        firsts.append(row.first_offset)
        published_offset = firsts[0] if len(firsts) == self.max_untold_pages else 0
        return replace(ownership, published_offset=published_offset, told_page=row.number)
