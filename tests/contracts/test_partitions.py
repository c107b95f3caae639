"""What every `Partitions` promises."""

from collections.abc import AsyncIterator

import pytest

from core.errors import FencedError
from infra.local.postgres import LocalPostgres
from tests.builders import deposit
from tests.contracts.books_under_test import ADAPTERS, PARTITION, Books, open_books


@pytest.fixture(params=ADAPTERS)
async def books(request: pytest.FixtureRequest, postgres: LocalPostgres) -> AsyncIterator[Books]:
    async with open_books(request.param, postgres) as books:
        yield books


async def halted_after(books: Books, count: int, published_offset: int) -> None:
    """Post `count` records, some of them published, and halt."""
    await books.post(*[deposit(amount=1 + number) for number in range(count)])
    await books.ledger.identify_log(PARTITION, books.epoch, "topic-1")
    await books.ledger.mark_published(PARTITION, books.epoch, published_offset)
    await books.ledger.halt(PARTITION, books.epoch, "the log has a gap")


async def test_states_are_those_of_every_partition_ever_taken_over_in_order(books: Books) -> None:
    await books.ledger.take_over(10)
    first = await books.ledger.take_over(0)
    await halted_after(books, 2, published_offset=2)

    states = await books.partitions.states()

    assert [one.partition for one in states] == [0, PARTITION, 10]
    assert states[0] == first
    assert states[1] == await books.ledger.position(PARTITION)
    assert (states[1].next_offset, states[1].halted) == (2, "the log has a gap")


async def test_a_partition_that_is_not_halted_is_not_resumed(books: Books) -> None:
    before = await books.ledger.position(PARTITION)

    assert await books.partitions.resume(PARTITION, 7, "by mistake") is None
    assert await books.partitions.resume(99, 0, "never taken over") is None

    assert await books.ledger.position(PARTITION) == before


async def test_a_resumed_partition_goes_on_at_the_offset_with_whatever_log_is_there(
    books: Books,
) -> None:
    await halted_after(books, 4, published_offset=4)

    resumed = await books.partitions.resume(PARTITION, 0, "the topic was made anew")

    assert resumed is not None
    assert (resumed.next_offset, resumed.published_offset) == (0, 0)
    assert (resumed.topic_id, resumed.last_record_hash, resumed.halted) == (None, None, None)
    assert resumed.condemned_in_a_row == 0
    assert await books.ledger.position(PARTITION) == resumed


async def test_a_worker_of_before_the_halt_is_fenced_even_at_the_same_offset(
    books: Books,
) -> None:
    await halted_after(books, 4, published_offset=4)
    await books.partitions.resume(PARTITION, 4, "looked at")

    with pytest.raises(FencedError):
        await books.post(deposit())


async def test_posting_goes_on_after_a_resumption(books: Books) -> None:
    await halted_after(books, 4, published_offset=4)
    await books.partitions.resume(PARTITION, 9, "records 4 to 8 are gone")
    await books.take_over()

    await books.post(deposit())

    assert (await books.ledger.position(PARTITION)).next_offset == 10


async def test_outcomes_not_yet_published_stay_to_be_published_when_posting_goes_forward(
    books: Books,
) -> None:
    await halted_after(books, 4, published_offset=2)

    resumed = await books.partitions.resume(PARTITION, 9, "records 4 to 8 are gone")

    assert resumed is not None
    assert (resumed.published_offset, resumed.next_offset) == (2, 9)
    outcomes = await books.ledger.outcomes(PARTITION, 2, 9)
    assert [one.position.offset for one in outcomes.transactions] == [2, 3]


@pytest.mark.parametrize("given_up", [1, 2, 7])
async def test_no_page_gets_the_number_of_one_that_was_told_and_given_up(
    books: Books, given_up: int
) -> None:
    if given_up > 1:
        await books.post(deposit())
    await books.ledger.identify_log(PARTITION, books.epoch, "topic-1")
    await books.ledger.halt(PARTITION, books.epoch, "the books are not what was told")
    await books.partitions.resume(PARTITION, books.next_offset, "it was given up", given_up)
    await books.take_over()

    await books.post(deposit())

    assert [row.number for row in await books.ledger.untold_pages()] == [given_up + 1]
