"""Reading page by page while several partitions post: nothing is missed, nothing repeated."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final
from uuid import UUID

import pytest

from adapters.outbound.system.currencies import IsoCurrencies
from core.entities.account import user_account
from core.entities.command import Command
from core.entities.page import PageRun
from core.entities.statement import StatementEntry, StatementOrder
from core.usecases.checks import Checks
from core.usecases.list_transactions import ListTransactions, TransactionsDraft
from core.usecases.read_statement import ReadStatement
from core.usecases.statement_draft import StatementDraft
from infra.local.postgres import LocalPostgres
from tests.builders import PARTITIONS, FixedClock, deposit, logged
from tests.contracts.books_under_test import Books, books_in
from tests.eventually import eventually
from tests.postgres_databases import fresh_database

POSTINGS: Final = 10_000
OF_EACH_PAGE: Final = 25
CHECKS: Final = Checks(IsoCurrencies(), "USD", PARTITIONS)
NO_WATCH: Any = None
ALICE: Final = user_account("alice", "USD")


@pytest.fixture
async def books(postgres: LocalPostgres) -> AsyncIterator[Books]:
    async with fresh_database(postgres) as database, books_in(database, FixedClock()) as books:
        yield books


async def post_from(books: Books, partition: int, count: int) -> None:
    """So many deposits from a partition, page after page: half to alice, half to others."""
    position = await books.ledger.take_over(partition)
    for first in range(0, count, OF_EACH_PAGE):
        commands: list[Command] = [
            deposit("alice" if one % 2 else f"user-{partition}-{first}")
            for one in range(OF_EACH_PAGE)
        ]
        placed = [
            logged(one, offset, partition, books.clock.now())
            for offset, one in enumerate(commands, first)
        ]
        run = PageRun(partition, position.epoch, first, first + OF_EACH_PAGE, b"h" * 32, 0)
        await books.ledger.post_page(run, placed, books.deciding(placed))


async def posting(books: Books) -> None:
    """All partitions at once; they meet in alice's account."""
    each = POSTINGS // PARTITIONS
    await asyncio.gather(*(post_from(books, number, each) for number in range(PARTITIONS)))


async def read_statement(books: Books, order: StatementOrder) -> list[StatementEntry]:
    """All pages of alice's statement, as it is at its first one."""
    read = ReadStatement(CHECKS, books.reader, NO_WATCH)
    entries: list[StatementEntry] = []
    cursor: str | None = None
    while True:
        page = await read(StatementDraft("alice", order=order, limit=97, cursor=cursor))
        entries += page.entries
        if page.next_cursor is None:
            last = entries[-1 if order is StatementOrder.ASCENDING else 0]
            assert page.closing_balance == last.balance_after
            return entries
        cursor = str(page.next_cursor)


async def is_there(books: Books) -> bool:
    return await books.reader.account(ALICE) is not None


async def test_a_statement_read_while_money_moves_is_the_one_read_after(books: Books) -> None:
    busy = asyncio.create_task(posting(books))
    await eventually(lambda: is_there(books))
    during: list[tuple[StatementOrder, Sequence[StatementEntry]]] = []
    while not busy.done():
        during += [(order, await read_statement(books, order)) for order in StatementOrder]
    await busy

    after = await read_statement(books, StatementOrder.ASCENDING)
    assert [one.sequence for one in after] == list(range(1, POSTINGS * 12 // 25 + 1))
    assert len(during) > 2
    for order, entries in during:
        ascending = entries if order is StatementOrder.ASCENDING else entries[::-1]
        assert list(ascending) == after[: len(entries)]


async def test_whoever_follows_the_list_while_it_grows_gets_each_transaction_once(
    books: Books,
) -> None:
    listing = ListTransactions(CHECKS, books.reader, NO_WATCH)
    busy = asyncio.create_task(posting(books))
    seen: list[UUID] = []
    pages_while_busy = 0
    cursor: str | None = None
    is_over = False
    while not is_over:
        is_over = busy.done()
        page = await listing(TransactionsDraft(limit=113, cursor=cursor))
        seen += [one.command.transaction_id for one in page.transactions]
        pages_while_busy += not is_over
        is_over = is_over and page.next_cursor is None
        cursor = page.next_cursor or page.newer_cursor
    await busy

    everything: list[UUID] = []
    page = await listing(TransactionsDraft(limit=1_000))
    everything += [one.command.transaction_id for one in page.transactions]
    while page.next_cursor is not None:
        page = await listing(TransactionsDraft(limit=1_000, cursor=page.next_cursor))
        everything += [one.command.transaction_id for one in page.transactions]
    assert len(everything) == POSTINGS
    assert pages_while_busy > 10
    assert len(seen) == len(set(seen)) == POSTINGS
    assert set(seen) == set(everything)
