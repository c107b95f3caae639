"""What every `Ledger` makes of holds, transfers, reversals and accounts, and its reader of them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from core.entities.account import AccountStatus, user_account
from core.entities.command import Command
from core.entities.hold import Hold, HoldPlace, HoldStatus
from core.entities.orders import Transfer
from core.entities.page import Page, Reversible
from core.entities.transaction import RejectionCode
from infra.local.postgres import LocalPostgres
from tests.builders import (
    NOON,
    capture,
    change,
    command,
    deposit,
    expiry,
    hold,
    leg,
    reversal,
    transfer,
    unkeyed_id,
    void,
    withdrawal,
)
from tests.contracts.books_under_test import ADAPTERS, PARTITION, Books, open_books

ALICE = user_account("alice", "USD")


@pytest.fixture(params=ADAPTERS)
async def books(request: pytest.FixtureRequest, postgres: LocalPostgres) -> AsyncIterator[Books]:
    async with open_books(request.param, postgres) as books:
        yield books


def codes(page: Page) -> list[RejectionCode | None]:
    return [one.rejection and one.rejection.code for one in page.transactions]


async def placed(books: Books, *commands: Command) -> list[UUID]:
    """Post them in a page; their ids."""
    assert codes(await books.post(*commands)) == [None] * len(commands)
    return [one.transaction_id for one in commands]


async def test_every_kind_of_transaction_is_read_as_it_was_decided(books: Books) -> None:
    first, second, third = hold("alice", 10), hold("alice", 10, to_user_id="bob"), hold("alice", 5)
    commands = [
        deposit("alice", 1_000, metadata={"order": "17", "note": 'back\\slash \t "quoted" ü'}),
        withdrawal("alice", 1),
        command(Transfer((leg("alice", "bob", 5), leg("bob", "alice", 1)))),
        first,
        second,
        hold("alice", 7, to_user_id="bob", expires_in=3_600, reference="held"),
        capture(first.transaction_id, "0.07", "carol", final=False),
        capture(second.transaction_id),
        void(first.transaction_id),
        third,
        void(third.transaction_id),
        change("alice", overdraft_limit=50, account_metadata={"tier": "gold"}),
        withdrawal("nobody", 3),
        capture(unkeyed_id("alice"), "3.50"),
    ]
    reversed_ = commands[0]
    page = await books.post(*commands, reversal(reversed_.transaction_id, "0.5"))

    ids = [one.command.transaction_id for one in page.transactions]
    read = await books.reader.transactions(ids)

    assert [read[one] for one in ids] == list(page.transactions)
    assert [type(read[one].command.order) for one in ids] == [
        type(one.command.order) for one in page.transactions
    ]


async def test_a_large_page_is_read_as_it_was_decided(books: Books) -> None:
    commands: list[Command] = [deposit("alice", 10**9)]
    for number in range(60):
        one = hold("alice", 10, metadata={"number": str(number)})
        commands += [one, capture(one.transaction_id, "0.05"), withdrawal("nobody")]
    page = await books.post(*commands)

    read = await books.reader.transactions([one.transaction_id for one in commands])

    assert [read[one.command.transaction_id] for one in page.transactions] == list(
        page.transactions
    )


async def test_a_hold_of_an_earlier_page_is_found_and_ends_once(books: Books) -> None:
    (_, hold_id) = await placed(books, deposit("alice", 500), hold("alice", 300, expires_in=60))
    assert books.seen[-1].named.holds == {}

    assert codes(await books.post(capture(hold_id, "1", final=False))) == [None]
    state = books.seen[-1]
    assert state.named.holds == {
        hold_id: Hold(hold_id, ALICE, 300, 2, None, NOON + timedelta(seconds=60), NOON)
    }
    assert state.accounts[ALICE].held == 300
    assert codes(await books.post(capture(hold_id), void(hold_id))) == [
        None, RejectionCode.HOLD_CLOSED,
    ]  # fmt: skip

    account = await books.reader.account(ALICE)
    assert account is not None
    assert (account.balance, account.held) == (200, 0)
    kept = await books.reader.hold(hold_id)
    assert kept is not None
    assert (kept.status, kept.captured) == (HoldStatus.CAPTURED, 300)


async def test_a_command_about_a_hold_is_found_again_by_its_id(books: Books) -> None:
    nothing = capture(unkeyed_id("alice"))
    await books.post(nothing)

    page = await books.post(nothing)

    assert (page.transactions, page.repeats) == ((), 1)


async def test_a_reversal_knows_what_was_taken_back_before(books: Books) -> None:
    (first, _) = await placed(books, deposit("alice", 500), deposit("alice", 500))
    await books.post(reversal(first, "1.00"), reversal(first, "9.00"))
    await books.post(reversal(first, "0.50"))

    page = await books.post(reversal(first, "3.51"), reversal(first))

    earlier = books.seen[-1].named.transactions[first]
    assert isinstance(earlier, Reversible)
    assert earlier.reversed_amount == 150
    assert codes(page) == [RejectionCode.REVERSAL_EXCEEDED, None]


async def test_several_legs_go_back_once(books: Books) -> None:
    several = command(Transfer((leg("alice", "bob", 5), leg("bob", "carol", 5))))
    (_, moved) = await placed(books, deposit("alice", 5), several)

    pages = [await books.post(reversal(moved)), await books.post(reversal(moved))]

    assert [codes(one) for one in pages] == [[None], [RejectionCode.REVERSAL_EXCEEDED]]


async def test_a_rejected_transaction_is_found_and_not_reversed(books: Books) -> None:
    refused = withdrawal("alice")
    await books.post(refused)

    assert codes(await books.post(reversal(refused.transaction_id))) == [
        RejectionCode.NOT_REVERSIBLE
    ]


async def test_an_account_is_opened_by_a_change_and_keeps_its_properties(books: Books) -> None:
    await placed(
        books,
        change("alice", overdraft_limit=9, account_metadata={"a": 'b"\\', "c": ""}),
        change("alice", status=AccountStatus.FROZEN_CREDITS),
    )

    account = await books.reader.account(ALICE)

    assert account is not None
    assert (account.balance, account.sequence, account.opened_at) == (0, 0, NOON)
    assert (account.overdraft_limit, account.status) == (9, AccountStatus.FROZEN_CREDITS)
    assert account.metadata == {"a": 'b"\\', "c": ""}


async def test_due_holds_are_those_that_are_open_and_over_in_these_partitions(
    books: Books,
) -> None:
    holds = [hold("alice", 10, expires_in=seconds) for seconds in (30, 10, 20, 10, 10)]
    await placed(books, deposit("alice", 500), *holds, hold("alice", 10))
    late, first, second, voided, expired = [one.transaction_id for one in holds]
    await placed(books, void(voided))
    books.clock.advance(20)
    await placed(books, expiry(expired))
    now = books.clock.now()

    async def due(*partitions: int, limit: int = 10) -> list[UUID]:
        return list(await books.ledger.due_holds(partitions, now, limit))

    assert await due(PARTITION) == [first]
    now += timedelta(microseconds=1)
    assert await due(PARTITION, 7) == [first, second]
    assert await due(PARTITION, limit=1) == [first]
    assert await due(PARTITION + 1) == []
    assert late not in await due(PARTITION)


async def test_a_users_holds_are_listed_the_newest_first(books: Books) -> None:
    ids = []
    for currency in ("USD", "JPY", "USD"):
        books.clock.advance(1)
        ids += await placed(books, deposit("alice", 50, currency), hold("alice", 10, currency))
    placed_ids = ids[1::2][::-1]
    await placed(books, void(placed_ids[0]), deposit("bob", 5), hold("bob", 1))

    async def listed(
        status: HoldStatus | None = None, before: HoldPlace | None = None, limit: int = 10
    ) -> list[UUID]:
        found = await books.reader.holds("alice", status, before, limit)
        return [one.hold_id for one in found]

    assert await listed() == placed_ids
    assert await listed(limit=2) == placed_ids[:2]
    assert await listed(HoldStatus.OPEN) == placed_ids[1:]
    assert await listed(HoldStatus.VOIDED) == placed_ids[:1]
    second = await books.reader.hold(placed_ids[1])
    assert second is not None
    assert await listed(before=HoldPlace(second.placed_at, second.hold_id)) == placed_ids[2:]
    assert await books.reader.holds("nobody", None, None, 5) == []
    assert await books.reader.hold(unkeyed_id("alice")) is None


async def test_accounts_are_listed_by_key_and_the_houses_are_not(books: Books) -> None:
    users = ["alice", "bob", "carol", "Zed", "0"]
    await placed(books, *(deposit(one, 5) for one in users), deposit("bob", 5, "JPY"))
    await placed(books, change("bob", status=AccountStatus.FROZEN))
    await books.post(withdrawal("never"))
    everybody = sorted([*(user_account(one, "USD") for one in users), user_account("bob", "JPY")])

    async def listed(
        status: AccountStatus | None = None, currency: str | None = None, after: int | None = None
    ) -> list[object]:
        place = None if after is None else everybody[after]
        return [one.key for one in await books.reader.accounts(place, status, currency, 4)]

    assert await listed() == everybody[:4]
    assert await listed(after=3) == everybody[4:]
    assert await listed(status=AccountStatus.FROZEN) == [user_account("bob", "USD")]
    assert await listed(currency="JPY") == [user_account("bob", "JPY")]
    assert await listed(AccountStatus.OPEN, "EUR") == []


async def test_a_refused_transfer_leaves_no_account_behind(books: Books) -> None:
    await books.post(transfer("alice", "bob"))
    assert await books.reader.account(user_account("bob", "USD")) is None
    assert await books.reader.accounts(None, None, None, 5) == []
