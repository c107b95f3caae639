"""What every `DeadLetters` promises, and every ledger that they are decided by."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from core.entities.command import Command
from core.entities.dead_letter import (
    DeadLetter,
    DeadLetterReason,
    FiledLetter,
    LetterFilter,
    LetterState,
    dead_letter_id,
)
from core.entities.position import Position
from core.entities.record import Undecodable
from core.entities.transaction import Rejection, RejectionCode
from infra.local.postgres import LocalPostgres
from tests.builders import (
    broken_record,
    deposit,
    discard,
    letter_of,
    record,
    reversal,
    unkeyed_id,
    withdrawal,
)
from tests.contracts.books_under_test import ADAPTERS, PARTITION, Books, open_books

HELD = LetterFilter()
ALL = LetterFilter(only_held=False)


@pytest.fixture(params=ADAPTERS)
async def books(request: pytest.FixtureRequest, postgres: LocalPostgres) -> AsyncIterator[Books]:
    async with open_books(request.param, postgres) as books:
        yield books


async def condemned(books: Books, *commands: Command) -> Sequence[DeadLetter]:
    """Dead letters of these commands' records, the next ones in the log."""
    letters = [
        letter_of(record(one, offset, PARTITION), DeadLetterReason.NOT_APPLICABLE, "ValueError")
        for offset, one in enumerate(commands, books.next_offset)
    ]
    await books.condemn(*letters, in_a_row=len(letters))
    return letters


async def found_of(books: Books, transaction_id: UUID) -> FiledLetter:
    found = await books.dead_letters.of(transaction_id)
    assert found is not None
    return found


async def test_those_that_wait_are_counted_each_id_once(books: Books) -> None:
    assert await books.dead_letters.held() == {}
    first, second, third = commands = [deposit(), deposit(), deposit()]
    await condemned(books, *commands)
    await condemned(books, first)
    assert await books.dead_letters.held() == {PARTITION: 3}
    await books.post(second, discard(third.transaction_id))
    assert await books.dead_letters.held() == {PARTITION: 1}


async def test_a_dead_letter_is_found_as_it_lay_in_the_log_by_position_and_by_id(
    books: Books,
) -> None:
    one = broken_record(0, PARTITION, b"\xff\0", [("a", b"\xfe"), ("a", b"")])
    letter = letter_of(one._replace(key=None))
    await books.condemn(letter, in_a_row=1)

    found = await books.dead_letters.at(Position(PARTITION, 0))

    assert found is not None
    assert found.letter == letter
    assert (found.state, found.decision, found.has_newer) == (LetterState.HELD, None, False)
    assert await books.dead_letters.of(letter.transaction_id) == found
    assert await books.dead_letters.letters(HELD, None, 10) == [found]


async def test_what_is_no_dead_letter_is_not_found(books: Books) -> None:
    posted = deposit()
    await books.post(posted)

    assert await books.dead_letters.at(Position(PARTITION, 0)) is None
    assert await books.dead_letters.of(posted.transaction_id) is None
    assert await books.dead_letters.letters(ALL, None, 10) == []


async def test_the_content_is_what_this_version_reads(books: Books) -> None:
    """A record in the wrong place could be read; one that an older version did not know, too."""
    one = deposit()
    readable = record(one, 0, PARTITION)
    letter = letter_of(readable._replace(content=Undecodable("not known", one.transaction_id)))
    await books.condemn(letter, in_a_row=1)

    found = await found_of(books, one.transaction_id)

    assert found.letter.record.content == one
    assert found.letter.reason is DeadLetterReason.UNDECODABLE


async def test_lists_go_on_after_a_place_in_the_order_of_condemning(books: Books) -> None:
    first = await condemned(books, deposit(), deposit("bob"), deposit("carol"))
    await books.post(deposit())
    second = await condemned(books, deposit("dave"))
    everything = [*first, *second]

    seen: list[DeadLetter] = []
    page = await books.dead_letters.letters(HELD, None, 2)
    while page:
        seen += [one.letter for one in page]
        page = await books.dead_letters.letters(HELD, page[-1].place, 2)

    assert seen == everything


async def test_a_list_can_be_of_one_reason(books: Books) -> None:
    (raised,) = await condemned(books, deposit())
    unread = letter_of(broken_record(1, PARTITION))
    await books.condemn(unread, in_a_row=2)

    for reason, letter in (
        (DeadLetterReason.NOT_APPLICABLE, raised),
        (DeadLetterReason.UNDECODABLE, unread),
    ):
        found = await books.dead_letters.letters(LetterFilter(reason=reason), None, 10)
        assert [one.letter for one in found] == [letter]


async def test_an_id_that_is_decided_does_not_wait_any_more(books: Books) -> None:
    posted, rejected, given_up = deposit(), withdrawal("bob"), deposit("carol")
    await condemned(books, posted, rejected, given_up)
    page = await books.post(posted, rejected, discard(given_up.transaction_id))

    filed = await books.dead_letters.letters(ALL, None, 10)

    assert [one.state for one in filed] == [
        LetterState.POSTED,
        LetterState.REJECTED,
        LetterState.DISCARDED,
    ]
    assert [one.decision for one in filed] == list(page.transactions)
    assert await books.dead_letters.letters(HELD, None, 10) == []
    for one in filed:
        assert not await books.reader.is_dead_letter(one.letter.transaction_id)


async def test_of_several_dead_letters_of_an_id_the_newest_stands_for_all(books: Books) -> None:
    one = deposit()
    older, newer = await condemned(books, one, one)
    (newest,) = await condemned(books, one)

    filed = await books.dead_letters.letters(ALL, None, 10)

    assert [one.letter for one in filed] == [older, newer, newest]
    assert [one.state for one in filed] == [
        LetterState.REQUEUED,
        LetterState.REQUEUED,
        LetterState.HELD,
    ]
    assert [one.letter for one in await books.dead_letters.letters(HELD, None, 10)] == [newest]
    assert (await found_of(books, one.transaction_id)).letter == newest
    at = await books.dead_letters.at(older.record.position)
    assert at is not None
    assert (at.letter, at.state) == (older, LetterState.REQUEUED)


async def test_a_discard_is_kept_with_its_reason_and_read_again(books: Books) -> None:
    one = deposit()
    await condemned(books, one)
    giving_up = discard(one.transaction_id, "a broken client: ü \\N")
    page = await books.post(giving_up)

    read = await books.reader.transactions([one.transaction_id])

    assert read == {one.transaction_id: page.transactions[0]}
    assert read[one.transaction_id].command == giving_up
    assert read[one.transaction_id].rejection == Rejection(
        RejectionCode.DISCARDED, facts={"reason": "a broken client: ü \\N"}
    )


async def test_a_discard_finds_dead_letters_of_earlier_pages_alone(books: Books) -> None:
    held, unknown = deposit(), deposit("bob")
    await condemned(books, held)

    page = await books.post(discard(unknown.transaction_id), discard(held.transaction_id))
    after = await books.post(unknown, held, reversal(unkeyed_id("alice")))

    assert [one.command.transaction_id for one in page.transactions] == [held.transaction_id]
    assert page.moot == 1
    assert [one.command for one in after.transactions[:1]] == [unknown]
    assert after.conflicts == 1


async def test_a_record_that_tells_no_id_of_ours_has_one_of_its_place(books: Books) -> None:
    """The same bytes in two places are two dead letters, each decided by itself."""
    foreign = [("transaction_id", b"00000000-0000-4000-8000-000000000000")]
    records = [broken_record(offset, PARTITION, headers=foreign) for offset in range(2)]
    first, second = (letter_of(one) for one in records)
    await books.condemn(first, second, in_a_row=2)
    await books.post(discard(first.transaction_id))

    held = await books.dead_letters.letters(HELD, None, 10)

    assert [one.letter.record.position for one in held] == [second.record.position]
    assert first.transaction_id == dead_letter_id(records[0])
