"""What every keeper of signed heads promises: pages once, told ones alone, and proofs of all."""

from collections.abc import AsyncIterator

import pytest

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.signed_heads import MemorySignedHeads
from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.signed_heads import PostgresSignedHeads
from core.refusals import NotYetSignedError
from infra.local.postgres import LocalPostgres
from tests.builders import FixedClock, broken_record, deposit, transfer, withdrawal
from tests.contracts.books_under_test import ADAPTERS, books_in, books_over
from tests.postgres_databases import fresh_database
from tests.proving import PARTITION, KeptHeads, Proving
from tests.unit.told_transactions import told_commands


class Both:
    """Written by the role that posts, and read by the one that reads."""

    def __init__(self, writing: PostgresSignedHeads, reading: PostgresSignedHeads) -> None:
        self.unsigned_pages = writing.unsigned_pages
        self.store = writing.store
        self.newest = reading.newest
        self.signed_pages = reading.signed_pages
        self.stretch = reading.stretch
        self.outcomes = reading.outcomes


@pytest.fixture(params=ADAPTERS)
async def proving(
    request: pytest.FixtureRequest, postgres: LocalPostgres
) -> AsyncIterator[Proving]:
    clock = FixedClock()
    if request.param == "memory":
        store = MemoryBooks()
        books = books_over(store, clock)
        yield Proving(books.ledger, books.reader, MemorySignedHeads(store), clock)
        return
    async with (
        fresh_database(postgres) as database,
        books_in(database, clock) as books,
        Database(database.dsn()) as writing,
        Database(database.api_dsn) as reading,
    ):
        heads: KeptHeads = Both(PostgresSignedHeads(writing), PostgresSignedHeads(reading))
        yield Proving(books.ledger, books.reader, heads, clock)


async def test_only_what_is_told_waits_to_be_signed(proving: Proving) -> None:
    await proving.post(deposit())
    assert await proving.heads.unsigned_pages(PARTITION, 10) == []
    await proving.tell()
    told = await proving.post(deposit(), deposit())
    pages = await proving.heads.unsigned_pages(PARTITION, 10)
    assert [(one.first_offset, one.next_offset) for one in pages] == [(0, 1)]
    assert pages[0].head == proving.seen[1] != told.ownership.chain.head


async def test_pages_come_in_order_and_no_more_than_asked_for(proving: Proving) -> None:
    for _ in range(3):
        await proving.post(deposit())
    await proving.tell()
    pages = await proving.heads.unsigned_pages(PARTITION, 2)
    assert [one.next_offset for one in pages] == [1, 2]
    assert [one.head for one in pages] == [proving.seen[1], proving.seen[2]]


async def test_what_is_signed_waits_no_more_and_is_kept_as_it_was_given(proving: Proving) -> None:
    await proving.post(deposit())
    await proving.tell()
    signed = await proving.sign()
    assert await proving.heads.unsigned_pages(PARTITION, 10) == []
    assert await proving.heads.newest() == {PARTITION: signed}
    await proving.settle(deposit())
    assert (await proving.heads.newest())[PARTITION].statement.next_offset == 2


async def test_a_page_is_signed_once(proving: Proving) -> None:
    await proving.post(deposit())
    await proving.tell()
    first = await proving.sign()
    assert first is not None
    again = first._replace(key_id="0" * 16, signature=bytes(64))
    assert not await proving.heads.store(again)
    assert await proving.heads.newest() == {PARTITION: first}


async def test_signed_heads_come_with_their_pages_in_order(proving: Proving) -> None:
    for _ in range(3):
        await proving.settle(deposit())
    told = await proving.heads.signed_pages(PARTITION, 0, 2)
    later = await proving.heads.signed_pages(PARTITION, told[-1][0].statement.page_number, 2)
    assert [one.statement.next_offset for one, _ in (*told, *later)] == [1, 2, 3]
    for signed, page in (*told, *later):
        said = signed.statement
        assert page is not None
        assert (page.number, page.head) == (said.page_number, said.head)
        assert page.next_offset == page.first_offset + 1 == said.next_offset


async def test_a_transaction_has_no_stretch_before_a_head_behind_it_is_signed(
    proving: Proving,
) -> None:
    await proving.settle(deposit())
    later = deposit()
    await proving.post(later)
    assert await proving.heads.stretch(later.transaction_id) is None
    with pytest.raises(NotYetSignedError):
        await proving.prove(later.transaction_id)


async def test_a_stretch_begins_with_the_transactions_page_and_ends_with_the_signed_head(
    proving: Proving,
) -> None:
    wanted = deposit()
    await proving.settle(deposit(), deposit())
    before = proving.seen[2]
    await proving.post(deposit(), wanted)
    await proving.post(deposit())
    await proving.settle(deposit())
    await proving.settle(deposit())
    stretch = await proving.heads.stretch(wanted.transaction_id)
    assert stretch is not None
    assert (stretch.offsets, stretch.head_before) == (range(2, 6), before)
    assert stretch.signed_head.statement.head == proving.seen[6]
    outcomes = await proving.heads.outcomes(stretch, range(3, 5))
    assert sorted(one.position.offset for one in outcomes.transactions) == [3, 4]


async def test_every_kind_of_transaction_is_proven(proving: Proving) -> None:
    commands = told_commands()
    pages = [await proving.post(*commands[:5]), await proving.post(*commands[5:])]
    await proving.tell()
    assert await proving.sign() is not None
    decided = [one for posted in pages for one in posted.page.transactions]
    assert len({one.command.type for one in decided}) > 6
    for one in decided:
        proof = await proving.prove(one.command.transaction_id)
        proving.check(proof)
        assert proof.facts.transaction_id == one.command.transaction_id


async def test_a_transaction_is_proven_among_repeats_dead_letters_and_discards(
    proving: Proving,
) -> None:
    wanted, repeated = withdrawal(amount=1), deposit()
    await proving.post(repeated)
    await proving.post(repeated)
    await proving.post_records(broken_record(offset=2, partition=PARTITION))
    await proving.post(wanted, transfer(amount=5))
    await proving.tell()
    assert await proving.sign() is not None
    for one in (repeated, wanted):
        proving.check(await proving.prove(one.transaction_id))
