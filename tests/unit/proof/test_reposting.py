"""Books come back from the log: rebuilt, replayed, and restored where they lost their last part."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from adapters.outbound.memory.books import MemoryBooks
from core.entities.account import user_account
from core.entities.command import LoggedCommand
from core.entities.finding import Figure
from core.entities.orders import Deposit
from core.entities.ownership import Ownership
from core.entities.page import LedgerState, Page
from core.errors import DifferenceError, FencedError, HaltError
from core.posting.post import post
from core.usecases.check_ownership import CheckOwnership
from core.usecases.find_missing_pages import in_order
from core.usecases.rebuild_books import RebuildBooks
from core.usecases.reposting import Reposting, as_marked
from core.usecases.resume_partition import ResumePartition
from tests.builders import (
    NOON,
    PARTITIONS,
    capture,
    change,
    deposit,
    expiry,
    hold,
    reversal,
    transfer,
    void,
    withdrawal,
)
from tests.contracts.audited_books import copied
from tests.restoring import restoring
from tests.unit.proof.posted_world import ALICE, BOB, PostedWorld, Store

CURSED: Final = 13


def raising_on_13(commands: Sequence[LoggedCommand], state: LedgerState) -> Page:
    """Rules with a bug."""
    for one in commands:
        order = one.command.order
        if isinstance(order, Deposit) and order.money.amount == CURSED:
            raise ZeroDivisionError
    return post(commands, state)


async def much_happened(world: PostedWorld) -> None:
    """Two partitions whose pages depend on each other, cut as it came."""
    placed, other, moved = hold(amount=50, to_user_id="bob"), hold(amount=7), deposit(amount=300)
    repeated = deposit("bob", 40)
    await world.give(moved, deposit("bob", 10), placed, other, repeated, repeated)
    await world.post(ALICE, 2)
    await world.post(BOB)
    await world.give(transfer("alice", "bob", 240), transfer("bob", "alice", 290))
    await world.post(ALICE)
    await world.post(BOB)
    world.forget_owners()
    await world.give(
        *(capture(placed.transaction_id, "0.20", final=False), void(other.transaction_id)),
        *(reversal(moved.transaction_id), withdrawal("bob", 10**9), deposit(amount=CURSED)),
        *(change(overdraft_limit=500), withdrawal("alice", 30), expiry(other.transaction_id)),
    )
    world.log.append(BOB, b"bob", b"{}", (), world.clock.now())
    await world.post(BOB)
    await world.post(ALICE, 3)
    await world.post(ALICE)


@pytest.fixture
async def world() -> PostedWorld:
    world = PostedWorld(raising_on_13)
    await much_happened(world)
    assert len(world.store.books.dead_letters) == 2
    return world


async def test_rebuilt_books_are_the_same(world: PostedWorld) -> None:
    assert (await world.rebuilt()).content == world.store.content


async def test_rows_that_were_told_again_change_nothing(world: PostedWorld) -> None:
    rows = world.pages.told[ALICE]
    await world.pages.tell({ALICE: rows[-2:], BOB: rows})

    assert (await world.rebuilt()).content == world.store.content


async def test_a_processor_goes_on_after_a_rebuild_and_tells_what_may_be_untold(
    world: PostedWorld,
) -> None:
    for position in (await world.rebuilt()).books.positions.values():
        assert position.published_offset == 0
        assert position.told_page == max(
            one.number for one in world.store.books.pages_by_partition[position.partition]
        )


async def test_books_that_are_not_empty_are_not_rebuilt(world: PostedWorld) -> None:
    rebuilt = await world.rebuilt()
    with pytest.raises(DifferenceError, match="not empty"):
        await _rebuild_into(rebuilt, world)


async def _rebuild_into(store: Store, world: PostedWorld) -> None:
    async for _ in RebuildBooks(store.ports, world.feed, world.pages, PARTITIONS)():
        pass


async def test_a_partition_that_an_operator_moved_on_is_rebuilt_so() -> None:
    world = PostedWorld()
    await world.give(*(deposit(amount=number) for number in range(1, 8)))
    await world.post(ALICE, 2)
    epoch = world.store.books.positions[ALICE].epoch
    await world.store.ledger.halt(ALICE, epoch, "looked at")
    await world.store.partitions.resume(ALICE, 4, "offsets 2 and 3 are lost")
    world.forget_owners()
    await world.post(ALICE)

    rebuilt = await world.rebuilt()

    assert rebuilt.content == world.store.content
    assert len(rebuilt.books.transactions) == 5


async def test_a_replay_of_right_books_finds_nothing(world: PostedWorld) -> None:
    assert await world.off() == []


def _transaction(books: MemoryBooks, **changes: Any) -> None:
    [(transaction_id, one)] = [
        (key, one)
        for key, one in books.transactions.items()
        if one.position.partition == BOB and one.position.offset == 0
    ]
    books.transactions[transaction_id] = one._replace(**changes)


def _account(books: MemoryBooks, **changes: Any) -> None:
    key = user_account("alice", "USD")
    books.accounts[key] = books.accounts[key]._replace(**changes)


def _entry(books: MemoryBooks, **changes: Any) -> None:
    [one] = [one for one in books.transactions.values() if one.position == (BOB, 0)]
    entries = (one.entries[0], one.entries[1]._replace(**changes))
    _transaction(books, entries=entries)


def _hold(books: MemoryBooks, **changes: Any) -> None:
    hold_id = next(iter(books.holds))
    books.holds[hold_id] = books.holds[hold_id]._replace(**changes)


def _gone(books: MemoryBooks) -> None:
    [key] = [key for key, one in books.transactions.items() if one.position == (BOB, 0)]
    del books.transactions[key]


TAMPERS: Final[Mapping[Figure, Callable[[MemoryBooks], object]]] = {
    Figure.TRANSACTION: lambda books: _transaction(books, accepted_at=NOON + timedelta(seconds=1)),
    Figure.ENTRY_AMOUNT: lambda books: _entry(books, amount=11),
    Figure.BALANCE_AFTER: lambda books: _entry(books, balance_after=9),
    Figure.HEAD: lambda books: books.heads.update({2: b"x" * 32}),
    Figure.PAGE: lambda books: books.heads.pop(2),
    Figure.DEAD_LETTERS: lambda books: books.dead_letters.pop(),
    Figure.BALANCE: lambda books: _account(books, balance=1),
    Figure.OVERDRAFT_LIMIT: lambda books: _account(books, overdraft_limit=1),
    Figure.HOLD_AMOUNT: lambda books: _hold(books, amount=1),
}


@pytest.mark.parametrize("figure", TAMPERS)
async def test_a_replay_names_what_was_changed_in_the_books(
    world: PostedWorld, figure: Figure
) -> None:
    world.clock.advance(60)
    TAMPERS[figure](world.store.books)

    found = await world.off()

    assert found[0].figure is figure
    if figure in {Figure.TRANSACTION, Figure.ENTRY_AMOUNT, Figure.HEAD, Figure.PAGE}:
        assert found[0].page_number == 2


async def test_a_replay_names_a_transaction_that_is_gone(world: PostedWorld) -> None:
    _gone(world.store.books)

    [found] = await world.off()

    assert (found.figure, found.due, found.found) == (Figure.TRANSACTION, "there", None)


async def test_a_replay_names_the_first_page_whose_records_were_changed(world: PostedWorld) -> None:
    record = world.log.records(BOB, 1, 1)[0]
    assert record.value is not None
    world.log.replace(BOB, 1, record.value.replace(b'"amount":40', b'"amount":41'))

    [found] = await world.off()

    assert (found.figure, found.page_number) == (Figure.REPLAY, 2)
    assert "partition" in str(found.found)


async def put_back(world: PostedWorld, store: Store) -> None:
    """Let the workers of all partitions restore these books."""
    restore = restoring(store.ports, world.pages, world.feed, PARTITIONS)
    workers = [asyncio.create_task(restore(partition)) for partition in (BOB, ALICE)]
    try:
        await asyncio.gather(*workers)
    finally:
        # Who waits for a page that another one cannot post would wait on.
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def test_books_that_were_put_back_come_back_whatever_they_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.inbound.worker.restoring.POLL_SECONDS", 0.0)
    world = PostedWorld(raising_on_13)
    await world.give(deposit(amount=300), deposit("bob", 10))
    await world.post(ALICE)
    earlier = Store(copied(world.store.books), world.clock)
    await much_happened(world)

    await put_back(world, earlier)

    assert earlier.content == world.store.content
    numbers = [one.number for one in earlier.books.pages]
    assert numbers == [one.number for one in world.store.books.pages]


async def test_a_page_that_does_not_come_back_as_it_was_told_halts_its_partition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.inbound.worker.restoring.POLL_SECONDS", 0.0)
    world = PostedWorld()
    await world.give(deposit(amount=300))
    await world.post(ALICE)
    earlier = Store(copied(world.store.books), world.clock)
    await world.give(deposit(amount=200))
    await world.post(ALICE)
    record = world.log.records(ALICE, 1, 1)[0]
    assert record.value is not None
    world.log.replace(ALICE, 1, record.value.replace(b"200", b"201"))
    before = earlier.content

    with pytest.raises(HaltError, match="the books are not what was told: page 2 "):
        await put_back(world, earlier)

    assert earlier.content == before
    assert "page 2" in str(earlier.books.positions[ALICE].halted)
    resume = ResumePartition(earlier.partitions, world.feed, world.pages)
    await resume(ALICE, 1, "the log was changed, and we know by whom")
    await put_back(world, earlier)  # nobody waits for the page any more

    told_before = len([row async for row in world.pages.rows()])
    world.store = earlier
    world.forget_owners()
    await world.post(ALICE)
    await put_back(world, earlier)  # nor is the new page taken for the one that was given up
    rows = [row async for row in world.pages.rows()]
    assert [row.number for row in rows[told_before:]] == [3]


async def test_a_head_that_was_changed_in_the_books_halts_its_partition(
    world: PostedWorld,
) -> None:
    last = world.store.books.pages_by_partition[ALICE][-1].number
    world.store.books.heads[last] = b"x" * 32

    with pytest.raises(
        HaltError, match=f"page {last} .partition {ALICE}. is in the books with another head"
    ):
        await put_back(world, Store(world.store.books, world.clock))


async def test_a_head_that_was_changed_is_noticed_though_its_page_is_known_to_be_told(
    world: PostedWorld,
) -> None:
    books = world.store.books
    last = books.pages_by_partition[ALICE][-1].number
    books.positions[ALICE] = replace(books.positions[ALICE], told_page=last)
    books.heads[last] = b"x" * 32

    with pytest.raises(HaltError, match=f"page {last} .partition {ALICE}. is in the books with"):
        await put_back(world, world.store)


async def test_a_head_that_was_changed_before_pages_that_are_missing_is_noticed() -> None:
    world = PostedWorld()
    for amount in (300, 200):
        await world.give(deposit(amount=amount))
        await world.post(ALICE)
    earlier = Store(copied(world.store.books), world.clock)
    await world.give(deposit(amount=100))
    await world.post(ALICE)
    earlier.books.heads[2] = b"x" * 32

    with pytest.raises(HaltError, match=r"page 2 .* is in the books with another head"):
        await put_back(world, earlier)


async def test_a_worker_notices_that_its_partition_stands_elsewhere_under_the_same_epoch() -> None:
    world = PostedWorld()
    ledger = world.store.ledger
    taken = await ledger.take_over(ALICE)
    chain = await ledger.chain(ALICE)
    owned = Ownership(ALICE, "topic", taken.epoch, 0, 0, 0, 0, chain)
    await CheckOwnership(ledger)(owned)

    with pytest.raises(FencedError):
        await CheckOwnership(ledger)(replace(owned, next_offset=1))


async def test_a_page_that_another_owner_put_back_meanwhile_is_left_alone(
    world: PostedWorld,
) -> None:
    earlier = Store(MemoryBooks(), world.clock)
    rows = in_order([row async for row in world.pages.rows()])
    async with (
        Reposting(earlier.ports, world.feed, PARTITIONS, as_marked) as late,
        Reposting(earlier.ports, world.feed, PARTITIONS, as_marked) as first,
    ):
        for row in rows:
            assert await first.post(row) is not None
        assert await late.post(rows[0]) is None
        assert await late.post(rows[1]) is None

    assert earlier.content == world.store.content
    assert earlier.books.resumptions == []
