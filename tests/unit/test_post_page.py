"""A page is stored once and whole; only a record's own fault makes it a dead letter."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.ledger import MemoryLedger
from core.condemning import Post
from core.entities.command import Command, LoggedCommand
from core.entities.dead_letter import DeadLetterReason
from core.entities.orders import Deposit
from core.entities.ownership import Ownership
from core.entities.page import LedgerState, Page, PageRun
from core.entities.record import Record
from core.errors import (
    CommitUnknownError,
    FencedError,
    HaltError,
    LedgerUnavailableError,
)
from core.ports.ledger import Decide
from core.posting.post import post
from core.usecases.post_page import PageLimits, PostPage
from tests.builders import (
    CHAIN,
    PARTITIONS,
    FixedClock,
    broken_record,
    deposit,
    partition_for,
    record,
    withdrawal,
)

LIMITS = PageLimits(max_records=100, max_entries=200, max_condemned_in_a_row=3)


class Books:
    """A ledger in memory with one partition taken over."""

    def __init__(self) -> None:
        self.books = MemoryBooks()
        self.ledger = MemoryLedger(self.books, FixedClock())

    async def ownership(self) -> Ownership:
        position = await self.ledger.take_over(0)
        return Ownership(
            0, "topic", position.epoch, position.next_offset, position.next_offset, 0, 0, CHAIN
        )


def good(offset: int, amount: int = 100) -> Record:
    return record(deposit(amount=amount), offset, partition=0)


async def test_a_page_moves_the_position_with_the_money() -> None:
    books = Books()
    posted = await PostPage(books.ledger, LIMITS, 1)(await books.ownership(), [good(0), good(1)])
    assert posted.ownership.next_offset == 2
    assert (await books.ledger.position(0)).next_offset == 2
    assert [one.balance for one in books.books.accounts.values()] == [-200, 200]


async def test_a_worker_that_is_not_the_owner_any_more_posts_nothing() -> None:
    books = Books()
    zombie = await books.ownership()
    await books.ownership()
    with pytest.raises(FencedError):
        await PostPage(books.ledger, LIMITS, 1)(zombie, [good(0)])
    assert not books.books.transactions


async def test_a_worker_whose_position_is_stale_posts_nothing() -> None:
    books = Books()
    stale = await books.ownership()
    await PostPage(books.ledger, LIMITS, 1)(stale, [good(0)])
    with pytest.raises(FencedError):
        await PostPage(books.ledger, LIMITS, 1)(stale, [good(0)])
    assert len(books.books.transactions) == 1


async def test_a_gap_halts_the_partition_and_is_not_stepped_over() -> None:
    books = Books()
    with pytest.raises(HaltError, match="offset 1 was to come, and offset 2 came"):
        await PostPage(books.ledger, LIMITS, 1)(await books.ownership(), [good(0), good(2)])
    assert not books.books.transactions
    assert "gap" in ((await books.ledger.position(0)).halted or "")


async def test_a_page_holds_no_more_than_its_limits() -> None:
    books = Books()
    limits = replace(LIMITS, max_records=3, max_entries=4)
    ownership = await books.ownership()
    posted = await PostPage(books.ledger, limits, 1)(ownership, [good(n) for n in range(5)])
    assert (posted.record_count, posted.ownership.next_offset) == (2, 2)


async def test_what_cannot_be_read_becomes_a_dead_letter_and_the_rest_is_posted() -> None:
    books = Books()
    broken = broken_record(1, headers=[("x", b"y")])
    posted = await PostPage(books.ledger, LIMITS, 1)(
        await books.ownership(), [good(0), broken, good(2)]
    )
    assert len(posted.page.transactions) == 2
    (letter,) = books.books.dead_letters
    assert (letter.record, letter.reason) == (broken, DeadLetterReason.UNDECODABLE)
    assert letter.detail


def amount_of(command: Command) -> int:
    assert isinstance(command.order, Deposit)
    return command.order.money.amount


def raising_on(amount: int) -> Post:
    def post_or_raise(commands: Sequence[LoggedCommand], state: LedgerState) -> Page:
        if any(amount_of(one.command) == amount for one in commands):
            raise ZeroDivisionError("a bug")
        return post(commands, state)

    return post_or_raise


async def test_a_record_that_alone_cannot_be_applied_is_found_and_set_aside() -> None:
    books = Books()
    use_case = PostPage(books.ledger, LIMITS, 1, post=raising_on(13))
    page_records = [good(0, 1), good(1, 13), good(2, 2), good(3, 3)]
    posted = await use_case(await books.ownership(), page_records)
    (letter,) = posted.page.dead_letters
    assert letter.record == page_records[1]
    assert letter.reason is DeadLetterReason.NOT_APPLICABLE
    assert "ZeroDivisionError" in letter.detail
    assert [amount_of(one.command) for one in posted.page.transactions] == [1, 2, 3]


async def test_what_only_a_whole_page_brings_about_condemns_nobody() -> None:
    def post_singles(commands: Sequence[LoggedCommand], state: LedgerState) -> Page:
        if len(commands) > 1:
            raise ZeroDivisionError("a bug")
        return post(commands, state)

    books = Books()
    with pytest.raises(ZeroDivisionError):
        await PostPage(books.ledger, LIMITS, 1, post=post_singles)(
            await books.ownership(), [good(0), good(1)]
        )
    assert not books.books.dead_letters
    assert (await books.ledger.position(0)).next_offset == 0


async def test_more_dead_letters_in_a_row_than_are_believed_halt_the_partition() -> None:
    books = Books()
    use_case = PostPage(books.ledger, LIMITS, 1)
    page_records = [good(0), *(broken_record(offset) for offset in range(1, 9))]
    posted = await use_case(await books.ownership(), page_records)
    assert (posted.record_count, posted.ownership.condemned_in_a_row) == (4, 3)
    with pytest.raises(HaltError, match="more than 3 records in a row"):
        await use_case(posted.ownership, page_records[4:])
    position = await books.ledger.position(0)
    assert (position.next_offset, position.condemned_in_a_row) == (4, 3)
    assert position.halted is not None


async def test_a_good_record_ends_the_row() -> None:
    books = Books()
    page_records = [
        broken_record(0), broken_record(1), broken_record(2), good(3),
        broken_record(4), broken_record(5), broken_record(6),
    ]  # fmt: skip
    posted = await PostPage(books.ledger, LIMITS, 1)(await books.ownership(), page_records)
    assert (posted.record_count, posted.ownership.condemned_in_a_row) == (7, 3)


class AnsweredByAnError(MemoryLedger):
    """Its commits raise, after or before they took place."""

    def __init__(self, books: MemoryBooks, *, stored: bool) -> None:
        super().__init__(books, FixedClock())
        self._stored = stored

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        if self._stored:
            await super().post_page(run, commands, decide)
        raise CommitUnknownError("cut")


@pytest.mark.parametrize("stored", [True, False])
async def test_a_commit_answered_by_an_error_is_settled_by_the_position(stored: bool) -> None:
    books = MemoryBooks()
    ledger = AnsweredByAnError(books, stored=stored)
    position = await ledger.take_over(0)
    use_case = PostPage(ledger, LIMITS, 1)
    ownership = Ownership(0, "topic", position.epoch, 0, 0, 0, 0, CHAIN)
    if stored:
        posted = await use_case(ownership, [good(0)])
        assert posted.ownership.next_offset == 1
        assert len(posted.page.transactions) == 1
    else:
        with pytest.raises(LedgerUnavailableError):
            await use_case(ownership, [good(0)])


async def test_a_page_is_not_taken_for_stored_where_another_owner_has_posted_as_far() -> None:
    class TakenOverMeanwhile(AnsweredByAnError):
        async def post_page(
            self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
        ) -> Page:
            try:
                return await super().post_page(run, commands, decide)
            finally:
                await self.take_over(run.partition)

    ledger = TakenOverMeanwhile(MemoryBooks(), stored=True)
    position = await ledger.take_over(0)
    ownership = Ownership(0, "topic", position.epoch, 0, 0, 0, 0, CHAIN)
    with pytest.raises(FencedError):
        await PostPage(ledger, LIMITS, 1)(ownership, [good(0)])


async def test_a_rejected_withdrawal_is_kept() -> None:
    books = Books()
    refused = record(withdrawal(), 0, partition=0)
    posted = await PostPage(books.ledger, LIMITS, 1)(await books.ownership(), [refused])
    assert len(books.books.transactions) == 1
    assert not books.books.accounts
    assert posted.page.transactions[0].rejection is not None


async def test_a_command_in_a_partition_of_others_is_condemned() -> None:
    books = Books()
    mine = partition_for("alice")
    elsewhere = (mine + 1) % PARTITIONS
    position = await books.ledger.take_over(elsewhere)
    ownership = Ownership(elsewhere, "topic", position.epoch, 0, 0, 0, 0, CHAIN)
    astray = record(deposit("alice"), 0, partition=elsewhere)
    posted = await PostPage(books.ledger, LIMITS, PARTITIONS)(ownership, [astray])
    (letter,) = posted.page.dead_letters
    assert f"belong into partition {mine}" in letter.detail
    assert not books.books.accounts
