"""What every `LedgerReader` promises."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from core.entities.account import settlement_account, user_account
from core.entities.command import ANONYMOUS_CLIENT
from core.entities.dead_letter import DeadLetter, DeadLetterReason
from core.entities.orders import CommandType
from core.entities.posted_page import PostedPage
from core.entities.statement import Period, StatementOrder
from core.entities.transaction import Rejection, RejectionCode
from infra.local.postgres import LocalPostgres
from tests.builders import NOON, deposit, letter_of, record, unkeyed_id, withdrawal
from tests.contracts.books_under_test import ADAPTERS, PARTITION, Books, open_books

ALICE = user_account("alice", "USD")
NOBODY = user_account("nobody", "USD")


@pytest.fixture(params=ADAPTERS)
async def books(request: pytest.FixtureRequest, postgres: LocalPostgres) -> AsyncIterator[Books]:
    async with open_books(request.param, postgres) as books:
        yield books


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def a_deposit_each_second(books: Books, count: int, amount: int = 10) -> None:
    """Entry n of alice's account is posted n seconds after noon, and leaves n times `amount`."""
    for _ in range(count):
        books.clock.advance(seconds=1)
        await books.post(deposit(amount=amount))


async def test_next_offsets_tell_of_every_partition_ever_taken_over(books: Books) -> None:
    await books.post(deposit(), deposit())
    await books.ledger.take_over(6)

    assert await books.reader.next_offsets() == {PARTITION: 2, 6: 0}


async def test_a_posted_transaction_is_read_as_it_was_decided(books: Books) -> None:
    page = await books.post(deposit(reference="rent", idempotency_key="k", currency="JPY"))

    [decided] = page.transactions
    wanted = decided.command.transaction_id
    assert await books.reader.transactions([wanted]) == {wanted: decided}
    assert [entry.account.is_settlement for entry in decided.entries] == [True, False]


async def test_a_rejected_transaction_is_read_with_its_figures(books: Books) -> None:
    refused = withdrawal(amount=700)
    await books.post(deposit(amount=500), refused)

    [read] = (await books.reader.transactions([refused.transaction_id])).values()

    assert read.rejection == Rejection(
        RejectionCode.INSUFFICIENT_FUNDS,
        {"needed": 700, "available": 500},
        "USD",
        {"user_id": "alice"},
    )
    assert read.entries == ()
    assert read.command == refused


async def test_a_transaction_is_in_the_page_that_decided_it(books: Books) -> None:
    await books.post(deposit())
    first, second = deposit(amount=500), withdrawal(amount=70_000)
    books.clock.advance(seconds=3)
    decided = await books.post(first, second)

    pages = [await books.reader.page_of(one.transaction_id) for one in (first, second)]

    (page,) = set(pages)
    assert page == PostedPage(
        number=2,
        partition=PARTITION,
        epoch=1,
        first_offset=1,
        next_offset=3,
        transaction_count=2,
        entry_count=2,
        rules_version=decided.rules_version,
        written_at=after(3),
    )


async def test_a_dead_letter_is_in_the_page_that_condemned_it_until_one_decides_it(
    books: Books,
) -> None:
    wanted = deposit()
    for offset in range(2):
        await books.condemn(letter_of(record(wanted, offset, PARTITION)), in_a_row=1)
    condemned = await books.reader.page_of(wanted.transaction_id)
    await books.post(wanted)
    decided = await books.reader.page_of(wanted.transaction_id)

    assert [condemned and condemned.number, decided and decided.number] == [2, 3]
    assert await books.reader.page_of(unkeyed_id("alice")) is None


async def test_ids_may_be_many_repeated_or_unknown(books: Books) -> None:
    commands = [deposit(f"user-{number % 7}") for number in range(500)]
    await books.post(*commands)
    known = [one.transaction_id for one in commands]
    unknown = [unkeyed_id("alice") for _ in range(400)]

    read = await books.reader.transactions([*unknown, *known, *known[:100]])

    assert read.keys() == set(known)
    assert all(read[one.transaction_id].command == one for one in commands)
    assert await books.reader.transactions([]) == {}


async def test_a_transaction_is_found_by_its_client_and_key(books: Books) -> None:
    keyed = deposit(idempotency_key="Key with ü \\")
    await books.post(deposit(), keyed, deposit(idempotency_key="another"))
    reader = books.reader

    found = await reader.transaction_by_key(ANONYMOUS_CLIENT, "Key with ü \\")

    assert found is not None
    assert found.command == keyed
    assert len(found.entries) == 2
    assert await reader.transaction_by_key("another client", "Key with ü \\") is None
    assert await reader.transaction_by_key(ANONYMOUS_CLIENT, "key with ü \\") is None


async def test_of_two_transactions_under_one_key_the_first_is_found(books: Books) -> None:
    first = deposit("bob", idempotency_key="k")
    await books.post(first)
    await books.post(deposit("alice", idempotency_key="k"), deposit("carol", idempotency_key="k"))

    found = await books.reader.transaction_by_key(ANONYMOUS_CLIENT, "k")

    assert found is not None
    assert found.command == first


async def test_a_dead_letter_is_known_by_its_id(books: Books) -> None:
    condemned = deposit()
    letter = DeadLetter(
        record(condemned, 0, PARTITION),
        DeadLetterReason.NOT_APPLICABLE,
        "ValueError",
        condemned.transaction_id,
    )
    await books.condemn(letter, in_a_row=1)

    assert await books.reader.is_dead_letter(condemned.transaction_id)
    assert not await books.reader.is_dead_letter(unkeyed_id("alice"))


async def test_an_account_is_what_its_last_entry_left(books: Books) -> None:
    await books.post(deposit(amount=500))
    books.clock.advance(seconds=1)
    await books.post(withdrawal(amount=200), deposit(amount=1, currency="EUR"))

    account = await books.reader.account(ALICE)

    assert account is not None
    assert (account.balance, account.available, account.sequence) == (300, 300, 2)
    assert (account.opened_at, account.last_entry_at) == (NOON, after(1))
    euros = await books.reader.account(user_account("alice", "EUR"))
    assert euros is not None
    assert euros.balance == 1


async def test_an_account_that_was_never_posted_to_is_none(books: Books) -> None:
    await books.post(withdrawal("nobody"), deposit())

    assert await books.reader.account(NOBODY) is None
    assert await books.reader.account(user_account("alice", "EUR")) is None
    assert await books.reader.period(NOBODY, None, None) is None
    assert list(await books.reader.entries(NOBODY, 1, 9, StatementOrder.ASCENDING, 9)) == []


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, Period(1, 5, 0, 50)),
        (after(0), None, Period(1, 5, 0, 50)),
        (after(2), after(4), Period(2, 3, 10, 30)),
        (after(2.000001), after(4.000001), Period(3, 4, 20, 40)),
        (after(5), None, Period(5, 5, 40, 50)),
        (None, after(1), Period(1, 0, 0, 0)),
        (None, after(1.000001), Period(1, 1, 0, 10)),
        (after(6), None, Period(6, 5, 50, 50)),
        (after(3), after(3), Period(3, 2, 20, 20)),
        (after(4), after(2), Period(4, 3, 30, 30)),
    ],
)
async def test_a_period_includes_its_beginning_and_not_its_end(
    books: Books, since: datetime | None, until: datetime | None, expected: Period
) -> None:
    await a_deposit_each_second(books, 5)

    assert await books.reader.period(ALICE, since, until) == expected


@pytest.mark.parametrize(
    ("since", "until", "through", "expected"),
    [
        (None, None, 3, Period(1, 3, 0, 30)),
        (after(2), None, 3, Period(2, 3, 10, 30)),
        (after(2), after(3), 3, Period(2, 2, 10, 20)),
        (None, None, 99, Period(1, 5, 0, 50)),
        (after(4), None, 2, Period(4, 3, 30, 30)),
        (None, None, 0, Period(1, 0, 0, 0)),
    ],
)
async def test_a_period_ends_with_the_sequence_it_was_first_read_through(
    books: Books,
    since: datetime | None,
    until: datetime | None,
    through: int,
    expected: Period,
) -> None:
    await a_deposit_each_second(books, 5)

    assert await books.reader.period(ALICE, since, until, through) == expected


async def test_entries_of_one_moment_are_all_in_its_period_or_all_out(books: Books) -> None:
    await books.post(*[deposit(amount=10) for _ in range(7)])
    books.clock.advance(seconds=1)
    await books.post(*[deposit(amount=10) for _ in range(6)])
    reader = books.reader

    assert await reader.period(ALICE, after(0), after(1)) == Period(1, 7, 0, 70)
    assert await reader.period(ALICE, after(1), after(2)) == Period(8, 13, 70, 130)
    assert await reader.period(ALICE, None, after(0)) == Period(1, 0, 0, 0)


async def test_any_moment_divides_a_long_history_in_two(books: Books) -> None:
    for second in range(40):
        books.clock.advance(seconds=1)
        await books.post(*[deposit(amount=1) for _ in range(second % 4 + 1)])
    posted = 0
    for second in range(40):
        moment = after(second + 1)
        before = await books.reader.period(ALICE, None, moment)
        since = await books.reader.period(ALICE, moment, None)

        assert before == Period(1, posted, 0, posted)
        assert since == Period(posted + 1, 100, posted, 100)
        posted += second % 4 + 1


async def test_the_house_has_periods_as_well(books: Books) -> None:
    await books.post(deposit(amount=500), withdrawal(amount=200))

    house = settlement_account(PARTITION, "USD")

    assert await books.reader.period(house, None, None) == Period(1, 2, 0, -300)


async def test_entries_are_read_in_either_order(books: Books) -> None:
    await books.post(
        deposit(amount=500, reference="one"),
        withdrawal(amount=900),
        withdrawal(amount=200, reference="two"),
        deposit("bob"),
        deposit(amount=5),
    )
    reader = books.reader

    ascending = await reader.entries(ALICE, 1, 3, StatementOrder.ASCENDING, 10)
    descending = await reader.entries(ALICE, 1, 3, StatementOrder.DESCENDING, 10)

    assert [(one.sequence, one.amount, one.balance_after, one.reference) for one in ascending] == [
        (1, 500, 500, "one"),
        (2, -200, 300, "two"),
        (3, 5, 305, None),
    ]
    assert [one.type for one in ascending] == [
        CommandType.DEPOSIT,
        CommandType.WITHDRAW,
        CommandType.DEPOSIT,
    ]
    assert list(reversed(descending)) == list(ascending)
    assert {type(one.balance_after) for one in ascending} == {int}


async def test_entries_keep_to_their_range_and_limit(books: Books) -> None:
    await a_deposit_each_second(books, 6)

    async def sequences(first: int, last: int, order: StatementOrder, limit: int) -> list[int]:
        entries = await books.reader.entries(ALICE, first, last, order, limit)
        return [one.sequence for one in entries]

    assert await sequences(2, 5, StatementOrder.ASCENDING, 2) == [2, 3]
    assert await sequences(2, 5, StatementOrder.DESCENDING, 3) == [5, 4, 3]
    assert await sequences(5, 99, StatementOrder.ASCENDING, 9) == [5, 6]
    assert await sequences(3, 2, StatementOrder.ASCENDING, 9) == []


async def test_an_entry_names_its_transaction_and_time(books: Books) -> None:
    books.clock.advance(seconds=0.000007)
    one = deposit(reference="rent")
    await books.post(one)

    [entry] = await books.reader.entries(ALICE, 1, 1, StatementOrder.ASCENDING, 1)

    assert entry.transaction_id == one.transaction_id
    assert entry.posted_at == after(0.000007)
