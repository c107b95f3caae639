"""Lists of transactions, while pages of several partitions become visible in any order."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.memory.books import MemoryBooks, StoredPage
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.system.currencies import IsoCurrencies
from core.entities.cursor import write_cursor
from core.entities.page import LedgerState, PageRun
from core.entities.statement import StatementOrder
from core.posting.post import post
from core.refusals import InvalidFieldError
from core.usecases.checks import Checks
from core.usecases.list_transactions import ListTransactions, TransactionsDraft
from tests.builders import NOON, deposit, logged

PARTITION_COUNT: Final = 3
CHECKS: Final = Checks(IsoCurrencies(), "USD", PARTITION_COUNT)


class Visible:
    """Books whose pages have their numbers from the start, and become visible when told.

    So do pages that several workers store at once: each takes its number before it commits.
    """

    def __init__(self, sizes: Sequence[tuple[int, int]]) -> None:
        self.books = MemoryBooks()
        self._hidden: list[list[StoredPage]] = [[] for _ in range(PARTITION_COUNT)]
        offsets = [0] * PARTITION_COUNT
        for number, (partition, size) in enumerate(sizes, 1):
            first = offsets[partition]
            offsets[partition] += size
            commands = [
                logged(deposit(), offset, partition) for offset in range(first, first + size)
            ]
            run = PageRun(partition, 1, first, first + size, b"", 0)
            page = post(commands, LedgerState({}, {}))
            self._hidden[partition].append(StoredPage(number, run, page, NOON))

    def reveal(self, partition: int) -> None:
        """Commit the partition's next page: those of one partition follow each other."""
        if self._hidden[partition]:
            self.books.pages.append(self._hidden[partition].pop(0))
            self.books.pages.sort()

    def reveal_all(self) -> None:
        for partition in range(PARTITION_COUNT):
            while self._hidden[partition]:
                self.reveal(partition)

    @property
    def ids(self) -> list[UUID]:
        """All that is visible, in the order of pages."""
        return [
            one.command.transaction_id
            for stored in self.books.pages
            for one in stored.page.transactions
        ]

    def listing(self) -> ListTransactions:
        watch: Any = None
        return ListTransactions(CHECKS, MemoryLedgerReader(self.books), watch)


PAGES = st.lists(st.tuples(st.integers(0, PARTITION_COUNT - 1), st.integers(1, 4)), max_size=20)
REVEALED = st.lists(st.lists(st.integers(0, PARTITION_COUNT - 1), max_size=4), max_size=30)


@given(PAGES, REVEALED, st.integers(1, 5))
async def test_whoever_follows_the_list_gets_each_transaction_once(
    sizes: Sequence[tuple[int, int]], revealed: Sequence[Sequence[int]], limit: int
) -> None:
    world = Visible(sizes)
    listing = world.listing()
    seen: list[UUID] = []
    cursor: str | None = None

    async def read_on() -> bool:
        """Whether there is more to read now."""
        nonlocal cursor
        page = await listing(TransactionsDraft(limit=limit, cursor=cursor))
        seen.extend(one.command.transaction_id for one in page.transactions)
        assert (page.next_cursor is None) != (page.newer_cursor is None)
        cursor = page.next_cursor or page.newer_cursor
        return page.next_cursor is not None

    for partitions in revealed:
        for partition in partitions:
            world.reveal(partition)
        await read_on()
    world.reveal_all()
    while await read_on():
        pass

    assert len(seen) == len(set(seen))
    assert sorted(seen) == sorted(world.ids)


@given(PAGES, REVEALED, st.integers(1, 5))
async def test_newest_first_the_list_is_what_it_was_at_its_first_page(
    sizes: Sequence[tuple[int, int]], revealed: Sequence[Sequence[int]], limit: int
) -> None:
    world = Visible(sizes)
    listing, schedule = world.listing(), iter(revealed)
    for partition in next(schedule, ()):
        world.reveal(partition)
    expected = world.ids[::-1]
    seen: list[UUID] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        draft = TransactionsDraft(order=StatementOrder.DESCENDING, limit=limit, cursor=cursor)
        page = await listing(draft)
        seen += [one.command.transaction_id for one in page.transactions]
        for partition in next(schedule, ()):
            world.reveal(partition)
        cursor = page.next_cursor
        if not expected:
            break

    assert seen == expected


@pytest.mark.parametrize(
    "changed",
    [{"user_id": "bob"}, {"reference": "r"}, {"order": StatementOrder.DESCENDING}],
)
async def test_a_cursor_belongs_to_its_query(changed: dict[str, Any]) -> None:
    world = Visible([(0, 3)])
    world.reveal_all()
    listing = world.listing()
    cursor = (await listing(TransactionsDraft(limit=1))).next_cursor

    with pytest.raises(InvalidFieldError) as refused:
        await listing(TransactionsDraft(limit=1, cursor=cursor, **changed))

    assert refused.value.field == "cursor"


@pytest.mark.parametrize(
    "place",
    ["4096:1:1", "1:1", "a:1:1", "1:-1:1", f"1:{10**18}:1", "1:1:1,", "١:1:1", "1:1:1\n"],
)
async def test_a_forged_place_is_refused(place: str) -> None:
    world = Visible([(0, 3)])
    world.reveal_all()
    draft = TransactionsDraft(limit=1)
    query = ("transactions", draft.order, *["None"] * 6)
    sound = write_cursor(query, ("0:1:0", ""))
    assert (await world.listing()(TransactionsDraft(cursor=sound))).transactions

    for parts in ((place, ""), ("0:1:0", place)):
        with pytest.raises(InvalidFieldError):
            await world.listing()(TransactionsDraft(cursor=write_cursor(query, parts)))
