"""What every `BooksAudit` promises: whatever is changed by hand is found, and nothing else is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from adapters.outbound.memory.books import MemoryBooks
from core.entities.account import (
    Account,
    AccountKey,
    AccountStatus,
    settlement_account,
    user_account,
)
from core.entities.finding import Figure
from core.entities.hold import HoldStatus
from core.entities.orders import Reverse
from infra.local.postgres import LocalPostgres
from tests.builders import (
    NOON,
    capture,
    change,
    deposit,
    hold,
    money,
    reversal,
    transfer,
    void,
    withdrawal,
)
from tests.contracts.audited_books import AuditedBooks, Damage, open_audited_books
from tests.contracts.books_under_test import ADAPTERS, PARTITION

ALICE: Final = user_account("alice", "USD")
BOB: Final = user_account("bob", "USD")
CAROL: Final = user_account("carol", "USD")
HOUSE: Final = settlement_account(PARTITION, "USD")
LIMITS: Final = (2, 3, 5, 1_000)


@pytest.fixture(params=ADAPTERS)
async def audited(
    request: pytest.FixtureRequest, postgres: LocalPostgres
) -> AsyncIterator[AuditedBooks]:
    async with open_audited_books(request.param, postgres) as audited:
        yield audited


@pytest.fixture(scope="module", params=ADAPTERS)
async def world(
    request: pytest.FixtureRequest, postgres: LocalPostgres
) -> AsyncIterator[AuditedBooks]:
    """Books in which much happened, which every damage leaves as they were."""
    async with open_audited_books(request.param, postgres) as world:
        await much_happened(world)
        yield world


async def much_happened(audited: AuditedBooks) -> None:
    """Three pages of everything that there is. Alice has seven entries, and a hold of 40 of which
    15 are captured; Bob has an ended one of 7.
    """
    books = audited.books
    kept, ended, paid = hold(amount=40), hold("bob", amount=7), deposit("bob", amount=50)
    await books.post(deposit(amount=100), deposit(amount=200), paid, change("carol"))
    books.clock.advance(60)
    await books.post(transfer("alice", "bob", 30), kept, ended, withdrawal(amount=10**9))
    books.clock.advance(60)
    await books.post(
        capture(kept.transaction_id, "0.15", final=False),
        void(ended.transaction_id),
        withdrawal(amount=20),
        reversal(paid.transaction_id, "0.20"),
        change("carol", overdraft_limit=500),
        withdrawal("carol", amount=300),
        deposit("carol", amount=350),
        change("carol", overdraft_limit=100, status=AccountStatus.FROZEN_DEBITS),
    )


async def test_nothing_is_found_in_books_that_are_right(audited: AuditedBooks) -> None:
    await much_happened(audited)

    for limit in LIMITS:
        counts, findings = await audited.checked(limit)

        assert findings == []
        assert counts.accounts == 4
        assert counts.entries == 18
        assert (counts.holds, counts.pages, counts.transactions) == (2, 3, 16)


async def test_empty_books_are_right(audited: AuditedBooks) -> None:
    counts, findings = await audited.checked()

    assert findings == []
    assert sum(counts) == 0


def of_account(key: AccountKey, **changes: Any) -> Any:
    def change_account(books: MemoryBooks) -> None:
        account: Account = books.accounts[key]
        books.accounts[key] = account._replace(**changes)

    return change_account


def of_entry(key: AccountKey, index: int, **changes: Any) -> Any:
    def change_entry(books: MemoryBooks) -> None:
        entry, transaction = books.entries[key][index]
        books.entries[key][index] = (entry._replace(**changes), transaction)

    return change_entry


def of_hold(user_id: str, **changes: Any) -> Any:
    def change_hold(books: MemoryBooks) -> None:
        [hold_id] = (one for one, known in books.holds.items() if known.account.user_id == user_id)
        books.holds[hold_id] = books.holds[hold_id]._replace(**changes)

    return change_hold


def swapped(books: MemoryBooks) -> None:
    entries = books.entries[ALICE]
    (first, one), (second, other) = entries[0], entries[1]
    entries[:2] = [(second._replace(sequence=1), other), (first._replace(sequence=2), one)]


def without_hold(books: MemoryBooks) -> None:
    [hold_id] = (one for one, known in books.holds.items() if known.account == BOB)
    del books.holds[hold_id]


def without_transaction(books: MemoryBooks) -> None:
    first: UUID = next(iter(books.transactions))
    del books.transactions[first]


def with_more_reversed(books: MemoryBooks) -> None:
    for transaction_id, one in books.transactions.items():
        if isinstance(one.command.order, Reverse):
            books.transactions[transaction_id] = one._replace(money=money(60))


def at_another_offset(books: MemoryBooks) -> None:
    books.positions[PARTITION] = replace(books.positions[PARTITION], next_offset=15)


def without_page(books: MemoryBooks) -> None:
    del books.pages[1]


DAMAGES: Final[dict[str, tuple[Damage, set[tuple[Figure, AccountKey | None]]]]] = {
    "a balance": (
        Damage(
            "UPDATE account SET balance = balance + 1 WHERE user_id = 'alice'",
            of_account(ALICE, balance=236),
        ),
        {(Figure.BALANCE, ALICE)},
    ),
    "the balance of the house": (
        Damage(
            "UPDATE account SET balance = balance - 1 WHERE user_id LIKE '@%'",
            of_account(HOUSE, balance=-1),
        ),
        {(Figure.BALANCE, HOUSE)},
    ),
    "a count of entries": (
        Damage(
            "UPDATE account SET sequence = 9 WHERE user_id = 'alice'",
            of_account(ALICE, sequence=9),
        ),
        {(Figure.SEQUENCE, ALICE)},
    ),
    "the time of the last entry": (
        Damage(
            "UPDATE account SET last_entry_at = '2020-01-01Z' WHERE user_id = 'alice'",
            of_account(ALICE, last_entry_at=NOON - timedelta(days=9)),
        ),
        {(Figure.LAST_ENTRY_AT, ALICE)},
    ),
    "an account with entries deleted": (
        Damage(
            "DELETE FROM account WHERE user_id = 'bob'",
            lambda books: books.accounts.pop(BOB),
        ),
        {
            (Figure.BALANCE, BOB),
            (Figure.SEQUENCE, BOB),
            (Figure.LAST_ENTRY_AT, BOB),
            (Figure.HELD, BOB),
            (Figure.OVERDRAFT_LIMIT, BOB),
            (Figure.STATUS, BOB),
        },
    ),
    "an amount": (
        Damage(
            "UPDATE entry SET amount = 201 WHERE user_id = 'alice' AND sequence = 2",
            of_entry(ALICE, 1, amount=201),
        ),
        {(Figure.BALANCE_AFTER, ALICE), (Figure.ENTRY_AMOUNT, ALICE)},
    ),
    "an amount with every balance after it": (
        Damage(
            "UPDATE entry SET amount = 201 WHERE user_id = 'alice' AND sequence = 2; "
            "UPDATE entry SET balance_after = balance_after + 1 "
            "WHERE user_id = 'alice' AND sequence >= 2; "
            "UPDATE account SET balance = balance + 1 WHERE user_id = 'alice'",
            lambda books: raised_from(books, ALICE, 1),
        ),
        {(Figure.ENTRY_AMOUNT, ALICE)},
    ),
    "a running balance": (
        Damage(
            "UPDATE entry SET balance_after = 99 WHERE user_id = 'alice' AND sequence = 1",
            of_entry(ALICE, 0, balance_after=99),
        ),
        {(Figure.BALANCE_AFTER, ALICE)},
    ),
    "the time of an entry": (
        Damage(
            "UPDATE entry SET posted_at = '2020-01-01Z' WHERE user_id = 'alice' AND sequence = 2",
            of_entry(ALICE, 1, posted_at=NOON - timedelta(days=9)),
        ),
        {(Figure.POSTED_AT, ALICE)},
    ),
    "two rows swapped": (
        Damage(
            "UPDATE entry SET sequence = 99 WHERE user_id = 'alice' AND sequence = 1; "
            "UPDATE entry SET sequence = 1 WHERE user_id = 'alice' AND sequence = 2; "
            "UPDATE entry SET sequence = 2 WHERE user_id = 'alice' AND sequence = 99",
            swapped,
        ),
        {(Figure.BALANCE_AFTER, ALICE)},
    ),
    "a number left out": (
        Damage(
            "UPDATE entry SET sequence = 9 WHERE user_id = 'alice' AND sequence = 5",
            of_entry(ALICE, 4, sequence=9),
        ),
        {(Figure.ENTRY_SEQUENCE, ALICE)},
    ),
    "an entry deleted": (
        Damage(
            "DELETE FROM entry WHERE user_id = 'alice' AND sequence = 2",
            lambda books: books.entries[ALICE].pop(1),
        ),
        {(Figure.ENTRY_SEQUENCE, ALICE), (Figure.ENTRY, ALICE), (Figure.ENTRY_COUNT, None)},
    ),
    "the last entry deleted": (
        Damage(
            "DELETE FROM entry WHERE user_id = 'alice' AND sequence = 5",
            lambda books: books.entries[ALICE].pop(),
        ),
        {
            (Figure.BALANCE, ALICE),
            (Figure.SEQUENCE, ALICE),
            (Figure.ENTRY, ALICE),
            (Figure.ENTRY_COUNT, None),
        },
    ),
    "all entries of an account deleted": (
        Damage(
            "DELETE FROM entry WHERE user_id = 'carol'",
            lambda books: books.entries.pop(CAROL),
        ),
        {
            (Figure.BALANCE, CAROL),
            (Figure.SEQUENCE, CAROL),
            (Figure.LAST_ENTRY_AT, CAROL),
            (Figure.ENTRY, CAROL),
            (Figure.ENTRY_COUNT, None),
        },
    ),
    "what is held": (
        Damage("UPDATE account SET held = 26 WHERE user_id = 'alice'", of_account(ALICE, held=26)),
        {(Figure.HELD, ALICE)},
    ),
    "what a hold has captured": (
        Damage(
            "UPDATE hold SET captured = 14 WHERE user_id = 'alice'", of_hold("alice", captured=14)
        ),
        {(Figure.HELD, ALICE), (Figure.HOLD_CAPTURED, ALICE)},
    ),
    "the amount of a hold": (
        Damage("UPDATE hold SET amount = 8 WHERE user_id = 'bob'", of_hold("bob", amount=8)),
        {(Figure.HOLD_AMOUNT, BOB)},
    ),
    "the status of a hold": (
        Damage(
            "UPDATE hold SET status = 'captured' WHERE user_id = 'bob'",
            of_hold("bob", status=HoldStatus.CAPTURED),
        ),
        {(Figure.HOLD_STATUS, BOB)},
    ),
    "a hold opened again": (
        Damage(
            "UPDATE hold SET status = 'open' WHERE user_id = 'bob'",
            of_hold("bob", status=HoldStatus.OPEN),
        ),
        {(Figure.HOLD_STATUS, BOB), (Figure.HELD, BOB)},
    ),
    "a hold deleted": (
        Damage("DELETE FROM hold WHERE user_id = 'bob'", without_hold),
        {(Figure.HOLD, None)},
    ),
    "a limit": (
        Damage(
            "UPDATE account SET overdraft_limit = 10000 WHERE user_id = 'alice'",
            of_account(ALICE, overdraft_limit=10_000),
        ),
        {(Figure.OVERDRAFT_LIMIT, ALICE)},
    ),
    "a status": (
        Damage(
            "UPDATE account SET status = 'open' WHERE user_id = 'carol'",
            of_account(CAROL, status=AccountStatus.OPEN),
        ),
        {(Figure.STATUS, CAROL)},
    ),
    "an account below its limit": (
        Damage(
            "ALTER TABLE account DROP CONSTRAINT account_user_balance; "
            "UPDATE account SET balance = -1 WHERE user_id = 'bob'",
            of_account(BOB, balance=-1),
        ),
        {(Figure.BALANCE, BOB), (Figure.AVAILABLE, BOB)},
    ),
    "a balance below every limit, long ago": (
        Damage(
            "UPDATE entry SET balance_after = -501 WHERE user_id = 'carol' AND sequence = 1",
            of_entry(CAROL, 0, balance_after=-501),
        ),
        {(Figure.BALANCE_AFTER, CAROL), (Figure.OVERDRAFT, CAROL)},
    ),
    "more taken back than there was": (
        Damage(
            "UPDATE ledger_transaction SET amount = 60 WHERE type = 'reverse'", with_more_reversed
        ),
        {(Figure.REVERSED, None)},
    ),
    "a position": (
        Damage("UPDATE log_position SET next_offset = 15", at_another_offset),
        {(Figure.NEXT_OFFSET, None)},
    ),
    "a page deleted": (
        Damage("DELETE FROM page WHERE number = 2", without_page),
        {(Figure.FIRST_OFFSET, None)},
    ),
    "a transaction deleted": (
        Damage("DELETE FROM ledger_transaction WHERE log_offset = 0", without_transaction),
        {
            (Figure.TRANSACTION_COUNT, None),
            (Figure.ENTRY_COUNT, None),
            (Figure.ENTRY, ALICE),
            (Figure.ENTRY, HOUSE),
        },
    ),
}


def raised_from(books: MemoryBooks, key: AccountKey, index: int) -> None:
    of_entry(key, index, amount=201)(books)
    for number, (entry, _) in list(enumerate(books.entries[key]))[index:]:
        of_entry(key, number, balance_after=entry.balance_after + 1)(books)
    account = books.accounts[key]
    books.accounts[key] = account._replace(balance=account.balance + 1)


@pytest.mark.parametrize("name", DAMAGES)
async def test_what_is_changed_by_hand_is_found_and_named(world: AuditedBooks, name: str) -> None:
    damage, due = DAMAGES[name]

    async with world.damaged(damage) as damaged:
        for limit in (3, 1_000):
            findings = await damaged.found(limit)

            assert due <= {(one.figure, one.account) for one in findings}, findings
            # What does not add up to what was changed is off with it.
            figures = {one.figure for one in findings} - {one for one, _ in due}
            assert figures <= {
                Figure.BALANCE,
                Figure.BALANCE_AFTER,
                Figure.ENTRY_AMOUNT,
                Figure.SEQUENCE,
                Figure.PAGE,
            }, findings
    assert await world.found() == []


async def test_a_finding_tells_both_figures_and_the_page(world: AuditedBooks) -> None:
    async with world.damaged(DAMAGES["a balance"][0]) as damaged:
        [balance] = await damaged.found()
    assert (balance.due, balance.found, balance.page_number) == ("235", "236", 3)

    damage, _ = DAMAGES["an amount with every balance after it"]
    async with world.damaged(damage) as damaged:
        [amount] = await damaged.found()
    assert (amount.figure, amount.due, amount.found) == (Figure.ENTRY_AMOUNT, "200", "201")
    assert (amount.account, amount.sequence, amount.page_number) == (ALICE, 2, 1)
    assert amount.transaction_id is not None


async def test_an_account_of_many_slices_is_summed_across_them(audited: AuditedBooks) -> None:
    await audited.books.post(*[deposit(amount=1 + number) for number in range(20)])
    assert await audited.found(limit=3) == []
    damage = Damage(
        "UPDATE entry SET balance_after = 0 WHERE user_id = 'alice' AND sequence = 16",
        of_entry(ALICE, 15, balance_after=0),
    )

    async with audited.damaged(damage) as damaged:
        findings = await damaged.found(limit=3)

    assert (findings[0].account, findings[0].sequence) == (ALICE, 16)
    assert {one.sequence for one in findings} <= {16, 17}


async def test_what_is_posted_between_two_slices_is_not_found_false(
    audited: AuditedBooks,
) -> None:
    books = audited.books
    await books.post(*[deposit(amount=1 + number) for number in range(6)], deposit("bob"))
    walked, begin = 0, None
    while walked == 0 or begin is not None:
        one = await audited.audit.accounts(range(4_096), begin, 4)
        assert one.findings == []
        begin, walked = one.next, walked + 1
        if walked < 5:
            await books.post(deposit(), hold(amount=1), deposit("bob"))
    page_begin = None
    walked = 0
    while walked == 0 or page_begin is not None:
        pages = await audited.audit.pages(PARTITION, page_begin, 3)
        assert pages.findings == []
        page_begin, walked = pages.next, walked + 1
        if walked < 3:
            await books.post(deposit(), transfer("alice", "bob", 1))

    assert walked > 3


async def test_a_partition_that_was_let_go_on_elsewhere_is_right(audited: AuditedBooks) -> None:
    books = audited.books
    await books.post(deposit(), deposit("bob"))
    await books.post(deposit(), deposit("bob"))
    await books.ledger.halt(PARTITION, books.epoch, "the topic is another one")
    await books.partitions.resume(PARTITION, 0, "it was made anew")
    await books.take_over()
    for _ in range(3):
        await books.post(deposit(), transfer("alice", "bob", 1))

    for limit in LIMITS:
        assert await audited.found(limit) == []
