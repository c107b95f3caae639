"""What every `LedgerReader` promises of lists of transactions, and of balances as they stood."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import pytest

from core.entities.account import settlement_account, user_account
from core.entities.command import Command, LoggedCommand
from core.entities.orders import CommandType, Transfer
from core.entities.page import Page, PageRun
from core.entities.statement import BalanceAt, StatementOrder
from core.entities.transaction import TransactionStatus
from core.entities.transaction_list import (
    MAX_ENTRIES_LISTED,
    MAX_TRANSACTIONS_LOOKED_AT,
    Found,
    ListPlace,
    PageRange,
    Stretch,
    TransactionFilter,
    end_of_page,
)
from core.posting.post import post
from infra.local.postgres import LocalPostgres
from tests.builders import (
    NOON,
    capture,
    deposit,
    expiry,
    hold,
    leg,
    logged,
    reversal,
    transfer,
    void,
    withdrawal,
)
from tests.builders import command as command_of
from tests.contracts.books_under_test import ADAPTERS, PARTITION, Books, open_books

ANY = TransactionFilter()
ALICE = user_account("alice", "USD")
OTHER_PARTITION = (PARTITION + 1) % 8


@pytest.fixture(params=ADAPTERS)
async def books(request: pytest.FixtureRequest, postgres: LocalPostgres) -> AsyncIterator[Books]:
    async with open_books(request.param, postgres) as books:
        yield books


async def post_elsewhere(books: Books, *commands: Command) -> Page:
    """A page in another partition, whoever's commands they are."""
    position = await books.ledger.take_over(OTHER_PARTITION)
    first = position.next_offset
    run = PageRun(
        OTHER_PARTITION, position.epoch, first, first + len(commands), b"h".ljust(32, b"\0"), 0
    )
    placed: list[LoggedCommand] = [
        logged(one, offset, OTHER_PARTITION, books.clock.now())
        for offset, one in enumerate(commands, first)
    ]
    return await books.ledger.post_page(run, placed, lambda state: post(placed, state))


BEFORE_ALL = ListPlace(0, 0)


async def everything(books: Books, descending: bool = False) -> Stretch:
    newest = await books.reader.newest_pages()
    ranges = {partition: PageRange(BEFORE_ALL, number) for partition, number in newest.items()}
    return Stretch(ranges, descending=descending)


def beyond(stretch: Stretch, reached: ListPlace) -> Stretch:
    """What is left of it."""
    if stretch.descending:
        return stretch._replace(before=reached)
    ranges = {one: known._replace(after=reached) for one, known in stretch.ranges.items()}
    return stretch._replace(ranges=ranges)


async def found(books: Books, wanted: TransactionFilter, limit: int = 100) -> list[Command]:
    """All that are wanted, in the order of posting."""
    list_ = await books.reader.find(wanted, await everything(books), limit)
    assert list_.reached is None
    return [one.command for one in list_.transactions]


async def test_pages_are_told_by_partition(books: Books) -> None:
    assert await books.reader.newest_pages() == {}
    await books.post(deposit())
    await post_elsewhere(books, deposit("bob"))
    await books.post(deposit())

    newest = await books.reader.newest_pages()

    assert newest.keys() == {PARTITION, OTHER_PARTITION}
    assert newest[PARTITION] > newest[OTHER_PARTITION]


async def test_a_page_without_transactions_is_not_the_newest(books: Books) -> None:
    one = deposit()
    await books.post(one)
    before = await books.reader.newest_pages()
    await books.post(one)

    assert await books.reader.newest_pages() == before


async def test_transactions_come_in_the_order_of_their_pages_from_all_partitions(
    books: Books,
) -> None:
    commands = [deposit(), deposit("bob"), withdrawal(amount=10**9), deposit("bob"), deposit()]
    await books.post(commands[0])
    await post_elsewhere(books, commands[1])
    await books.post(commands[2])
    await post_elsewhere(books, commands[3])
    await books.post(commands[4])

    ascending = await books.reader.find(ANY, await everything(books), 10)
    descending = await books.reader.find(ANY, await everything(books, descending=True), 10)

    assert [one.command for one in ascending.transactions] == commands
    assert [one.command for one in descending.transactions] == commands[::-1]
    assert ascending.reached is descending.reached is None
    assert [len(one.entries) for one in ascending.transactions] == [2, 2, 0, 2, 2]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_a_list_goes_on_where_it_stopped(books: Books, descending: bool, limit: int) -> None:
    commands = [deposit(amount=number) for number in range(1, 8)]
    await books.post(*commands[:4])
    await books.post(*commands[4:])
    stretch = await everything(books, descending)
    seen: list[Command] = []
    while True:
        part = await books.reader.find(ANY, stretch, limit)
        seen += [one.command for one in part.transactions]
        if part.reached is None:
            break
        assert len(part.transactions) == limit
        stretch = beyond(stretch, part.reached)

    assert seen == (commands[::-1] if descending else commands)


async def test_only_the_pages_of_the_stretch_are_given(books: Books) -> None:
    for amount in (1, 2, 3):
        await books.post(deposit(amount=amount))
    [newest] = (await books.reader.newest_pages()).values()
    middle = Stretch({PARTITION: PageRange(end_of_page(newest - 2), newest - 1)})

    [one] = (await books.reader.find(ANY, middle, 10)).transactions

    assert one.money is not None
    assert one.money.amount == 2
    assert await books.reader.find(ANY, Stretch({}), 10) == Found([], None)


async def test_each_partition_goes_on_from_a_place_of_its_own(books: Books) -> None:
    late, before, after = deposit("bob"), deposit(amount=1), deposit(amount=2)
    await post_elsewhere(books, late)
    await books.post(before, after)
    newest = await books.reader.newest_pages()
    stretch = Stretch(
        {
            OTHER_PARTITION: PageRange(BEFORE_ALL, newest[OTHER_PARTITION]),
            PARTITION: PageRange(ListPlace(newest[PARTITION], 0), newest[PARTITION]),
        }
    )

    rest = await books.reader.find(ANY, stretch, 10)

    assert [one.command for one in rest.transactions] == [late, after]


async def test_a_users_transactions_are_found_in_both_directions(books: Books) -> None:
    own, sent = deposit("alice"), transfer("alice", "bob", 100)
    received, others = transfer("bob", "alice", 5), deposit("carol")
    legs = command_of(Transfer((leg("carol", "dave", 1), leg("dave", "alice", 1))))
    refused = transfer("carol", "alice", 10**9)
    await books.post(own, sent, others)
    await post_elsewhere(books, received, legs, refused)

    assert await found(books, TransactionFilter(user_id="alice")) == [own, sent, received, legs]
    assert await found(books, TransactionFilter(user_id="bob")) == [sent, received]
    assert await found(books, TransactionFilter(user_id="carol")) == [others, legs, refused]
    assert await found(books, TransactionFilter(user_id="dave")) == [legs]
    assert await found(books, TransactionFilter(user_id="nobody")) == []
    assert await found(books, TransactionFilter(user_id="@settlement:0")) == []


async def test_what_is_asked_of_a_hold_belongs_to_its_user_and_to_who_receives(
    books: Books,
) -> None:
    first, second = hold(amount=10), hold(amount=10)
    third = hold(amount=10, expires_in=5)
    to_bob, freed = capture(first.transaction_id, to_user_id="bob"), void(second.transaction_id)
    over, too_late = expiry(third.transaction_id), void(second.transaction_id)
    back = reversal(to_bob.transaction_id)
    funds = deposit()
    await books.post(funds, first, second, third)
    books.clock.advance(seconds=10)
    await books.post(to_bob, freed, over, too_late, back)

    of_alice = [funds, first, second, third, to_bob, freed, over, too_late, back]
    assert await found(books, TransactionFilter(user_id="alice")) == of_alice
    assert await found(books, TransactionFilter(user_id="bob")) == [to_bob, back]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (TransactionFilter(reference="rent"), [0, 2]),
        (TransactionFilter(reference="ren"), []),
        (TransactionFilter(type=CommandType.WITHDRAW), [1, 2]),
        (TransactionFilter(status=TransactionStatus.REJECTED), [2]),
        (TransactionFilter(status=TransactionStatus.POSTED), [0, 1, 3]),
        (TransactionFilter(user_id="alice", reference="rent"), [0, 2]),
        (TransactionFilter(user_id="bob", type=CommandType.WITHDRAW), []),
        (TransactionFilter(user_id="bob", type=CommandType.TRANSFER), [3]),
        (TransactionFilter(reference="rent", status=TransactionStatus.POSTED), [0]),
        (TransactionFilter(since=NOON + timedelta(seconds=1)), [1, 2, 3]),
        (TransactionFilter(until=NOON + timedelta(seconds=1)), [0]),
        (TransactionFilter("alice", since=NOON + timedelta(seconds=2), until=NOON), []),
    ],
)
async def test_a_filter_gives_what_matches_all_of_it(
    books: Books, wanted: TransactionFilter, expected: list[int]
) -> None:
    commands = [
        deposit(reference="rent"),
        withdrawal(amount=1),
        withdrawal(amount=10**9, reference="rent"),
        transfer("alice", "bob", 1),
    ]
    for one in commands:
        await books.post(one)
        books.clock.advance(seconds=1)

    assert await found(books, wanted) == [commands[number] for number in expected]


async def test_looking_has_its_bounds(books: Books) -> None:
    """Whoever wants the one withdrawal among thousands of deposits gets it in the end."""
    wanted = withdrawal(amount=1)
    await books.post(*[deposit(amount=1) for _ in range(MAX_TRANSACTIONS_LOOKED_AT)])
    await books.post(deposit(amount=1), wanted)
    withdrawals = TransactionFilter(type=CommandType.WITHDRAW)
    stretch = await everything(books)

    first = await books.reader.find(withdrawals, stretch, 10)
    assert first.transactions == []
    assert first.reached is not None
    second = await books.reader.find(withdrawals, beyond(stretch, first.reached), 10)

    assert [one.command for one in second.transactions] == [wanted]
    assert second.reached is None


async def test_a_page_of_the_list_ends_with_its_entries(books: Books) -> None:
    """A hundred legs bring two hundred entries: thirty such transactions are too many at once."""
    legs = tuple(leg("alice", f"user-{number}", 1) for number in range(100))
    commands = [deposit(amount=10**6), *(command_of(Transfer(legs)) for _ in range(30))]
    await books.post(*commands)
    stretch = await everything(books)

    first = await books.reader.find(ANY, stretch, 100)
    assert first.reached is not None
    assert sum(len(one.entries) for one in first.transactions) == MAX_ENTRIES_LISTED + 2
    second = await books.reader.find(ANY, beyond(stretch, first.reached), 100)

    assert second.reached is None
    assert [one.command for one in (*first.transactions, *second.transactions)] == commands


async def a_page_each_second(books: Books, count: int) -> Mapping[int, datetime]:
    """The time of each page by its number."""
    times: dict[int, datetime] = {}
    for _ in range(count):
        books.clock.advance(seconds=1)
        await books.post(deposit(amount=1), deposit(amount=1))
        times[(await books.reader.newest_pages())[PARTITION]] = books.clock.now()
    return times


async def test_the_first_page_from_any_time_is_found(books: Books) -> None:
    times = await a_page_each_second(books, 13)
    await post_elsewhere(books, deposit("bob"))
    await books.ledger.take_over(6)
    reader = books.reader
    [elsewhere] = (await reader.newest_pages()).keys() - {PARTITION}

    for number, time in times.items():
        for moment in (time, time - timedelta(milliseconds=999)):
            first = await reader.first_pages_from(moment)
            assert first[PARTITION] == number
            assert elsewhere in first
    assert await reader.first_pages_from(books.clock.now() + timedelta(microseconds=1)) == {}


async def test_of_pages_of_one_moment_the_first_is_found(books: Books) -> None:
    await books.post(deposit())
    books.clock.advance(seconds=1)
    at = books.clock.now()
    for _ in range(6):
        await books.post(deposit())
    books.clock.advance(seconds=1)
    await books.post(deposit())
    newest = (await books.reader.newest_pages())[PARTITION]

    assert await books.reader.first_pages_from(at) == {PARTITION: newest - 6}
    assert await books.reader.first_pages_from(books.clock.now()) == {PARTITION: newest}


async def test_a_balance_is_known_at_every_moment(books: Books) -> None:
    """Entry n is posted n seconds after noon."""
    for _ in range(9):
        books.clock.advance(seconds=1)
        await books.post(deposit(amount=10))
    reader = books.reader

    for seconds in range(10):
        at = NOON + timedelta(seconds=seconds)
        last = None if seconds == 0 else at
        expected = [BalanceAt(ALICE, 10 * seconds, seconds, last)]
        assert await reader.balances_at("alice", "USD", at) == expected
        assert await reader.balances_at("alice", "USD", at + timedelta(seconds=0.999)) == expected
        earlier = await reader.balances_at("alice", "USD", at - timedelta(microseconds=1))
        assert earlier[0].sequence == max(0, seconds - 1)


async def test_balances_of_every_currency_come_by_currency(books: Books) -> None:
    await books.post(deposit(amount=5), deposit(amount=7, currency="EUR"), withdrawal("nobody"))
    books.clock.advance(seconds=1)
    await books.post(deposit(amount=1, currency="JPY"), deposit("bob"), withdrawal(amount=2))
    reader = books.reader

    then = await reader.balances_at("alice", None, NOON)
    now = await reader.accounts_of("alice")

    assert [(one.account.currency, one.balance) for one in then] == [
        ("EUR", 7),
        ("JPY", 0),
        ("USD", 5),
    ]
    assert [(one.key.currency, one.balance) for one in now] == [("EUR", 7), ("JPY", 1), ("USD", 3)]
    assert await reader.balances_at("alice", "KWD", NOON) == []
    assert await reader.accounts_of("nobody") == []


async def test_an_entry_tells_who_is_on_its_other_side_and_what_it_is_of(books: Books) -> None:
    placed = hold(amount=10)
    captured = capture(placed.transaction_id, to_user_id="shop")
    back = reversal(captured.transaction_id)
    sent = command_of(Transfer((leg("alice", "bob", 3), leg("carol", "alice", 1))))
    await books.post(deposit(), deposit("carol"), placed, captured, back, sent)

    entries = await books.reader.entries(ALICE, 1, 9, StatementOrder.ASCENDING, 9)
    [of_shop, _] = await books.reader.entries(
        user_account("shop", "USD"), 1, 9, StatementOrder.ASCENDING, 9
    )

    assert [(one.other_user_id, one.reverses, one.hold_id) for one in entries] == [
        (None, None, None),
        ("shop", None, placed.transaction_id),
        ("shop", captured.transaction_id, None),
        ("bob", None, None),
        ("carol", None, None),
    ]
    assert (of_shop.other_user_id, of_shop.hold_id) == ("alice", placed.transaction_id)
    house = settlement_account(PARTITION, "USD")
    house_entries = await books.reader.entries(house, 1, 9, StatementOrder.ASCENDING, 9)
    assert [one.other_user_id for one in house_entries] == ["alice", "carol"]


async def test_entries_of_one_kind_are_read_alone(books: Books) -> None:
    await books.post(deposit(), withdrawal(amount=1), deposit(amount=2), withdrawal(amount=3))
    reader = books.reader

    withdrawals = await reader.entries(
        ALICE, 1, 4, StatementOrder.DESCENDING, 9, kind=CommandType.WITHDRAW
    )

    assert [one.sequence for one in withdrawals] == [4, 2]
    assert [
        one.sequence
        for one in await reader.entries(
            ALICE, 1, 3, StatementOrder.ASCENDING, 1, kind=CommandType.WITHDRAW
        )
    ] == [2]
