"""What every keeper of books promises of the chain: a page says what was decided, for ever."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.postgres.audit import chain
from core.entities.account import AccountKey, user_account
from core.entities.finding import Figure, Finding
from core.entities.transaction import Transaction
from infra.local.postgres import LocalPostgres
from tests.builders import broken_record as broken
from tests.builders import capture, deposit, hold, letter_of, transfer, withdrawal
from tests.contracts.audited_books import AuditedBooks, Damage, open_audited_books
from tests.contracts.books_under_test import ADAPTERS, PARTITION

ALICE: Final = user_account("alice", "USD")
BOB: Final = user_account("bob", "USD")
LIMITS: Final = (2, 3, 1_000)


@pytest.fixture(scope="module", params=ADAPTERS)
async def world(
    request: pytest.FixtureRequest, postgres: LocalPostgres
) -> AsyncIterator[AuditedBooks]:
    """Four pages: of all kinds of commands, refusals, repeats, a dead letter; two owners."""
    async with open_audited_books(request.param, postgres) as world:
        books = world.books
        await books.post(deposit("alice", 500), deposit("alice", 200), withdrawal("bob", 1))
        placed = hold("alice", 100, to_user_id="bob")
        await books.post(placed, transfer("alice", "bob", 50), placed)
        await books.take_over()
        await books.condemn(letter_of(broken(books.next_offset, partition=PARTITION)), in_a_row=1)
        too_much = withdrawal("alice", 99_999)
        await books.post(capture(placed.transaction_id), withdrawal("alice", 5), too_much)
        yield world


@pytest.mark.parametrize("limit", LIMITS)
async def test_nothing_is_off_where_nobody_changed_anything(
    world: AuditedBooks, limit: int
) -> None:
    assert await world.off_heads(limit) == []


def _entry(books: MemoryBooks, account: AccountKey, number: int, **changes: object) -> None:
    entry, transaction = books.entries[account][number]
    books.entries[account][number] = (entry._replace(**changes), transaction)  # type: ignore[arg-type]


def _swapped(books: MemoryBooks) -> None:
    entries = books.entries[ALICE]
    (first, one), (second, other) = entries[:2]
    entries[0] = (second._replace(sequence=first.sequence), one)
    entries[1] = (first._replace(sequence=second.sequence), other)


def _at(books: MemoryBooks, offset: int) -> Transaction:
    return next(one for one in books.transactions.values() if one.position.offset == offset)


def _transaction(books: MemoryBooks, offset: int, changed: Transaction) -> None:
    books.transactions[_at(books, offset).command.transaction_id] = changed


def _asked_by(books: MemoryBooks, offset: int, request_id: str) -> None:
    one = _at(books, offset)
    _transaction(books, offset, one._replace(command=one.command._replace(request_id=request_id)))


def _refused_for_less(books: MemoryBooks) -> None:
    one = _at(books, 2)
    assert one.rejection is not None
    figures = {**one.rejection.figures, "needed": 7}
    _transaction(books, 2, one._replace(rejection=one.rejection._replace(figures=figures)))


OF_ALICE: Final = "user_id = 'alice' AND sequence"
DAMAGES: Final = {
    "an amount": (
        1,
        Damage(
            f"UPDATE entry SET amount = 501 WHERE {OF_ALICE} = 1",
            lambda books: _entry(books, ALICE, 0, amount=501),
        ),
    ),
    "a balance after": (
        2,
        Damage(
            "UPDATE entry SET balance_after = 51 WHERE user_id = 'bob' AND sequence = 1",
            lambda books: _entry(books, BOB, 0, balance_after=51),
        ),
    ),
    "a deleted entry": (
        1,
        Damage(
            f"DELETE FROM entry WHERE {OF_ALICE} = 1", lambda books: books.entries[ALICE].pop(0)
        ),
    ),
    "swapped rows": (
        1,
        Damage(
            f"""UPDATE entry SET amount = 700 - amount,
                    balance_after = CASE sequence WHEN 1 THEN 700 ELSE 500 END
                WHERE {OF_ALICE} <= 2""",
            _swapped,
        ),
    ),
    "a deleted transaction": (
        1,
        Damage(
            "DELETE FROM ledger_transaction WHERE log_offset = 1",
            lambda books: books.transactions.pop(_at(books, 1).command.transaction_id),
        ),
    ),
    "whose request it was": (
        2,
        Damage(
            "UPDATE ledger_transaction SET request_id = 'another' WHERE log_offset = 4",
            lambda books: _asked_by(books, 4, "another"),
        ),
    ),
    "why it was refused": (
        1,
        Damage(
            """UPDATE ledger_transaction
               SET rejection_figures = rejection_figures || '{"needed": 7}' WHERE log_offset = 2""",
            _refused_for_less,
        ),
    ),
    "another head": (
        4,
        Damage(
            "UPDATE page SET head = sha256(head) WHERE number = (SELECT max(number) FROM page)",
            lambda books: books.heads.update({4: b"x" * 32}),
        ),
    ),
    "no head": (
        2,
        Damage(
            """UPDATE page SET head = NULL
               WHERE number = (SELECT number FROM page ORDER BY number LIMIT 1 OFFSET 1)""",
            lambda books: books.heads.update({2: None}),
        ),
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("limit", LIMITS)
async def test_the_page_that_was_changed_is_named_and_no_other(
    world: AuditedBooks, name: str, limit: int
) -> None:
    ordinal, damage = DAMAGES[name]
    async with world.damaged(damage) as damaged:
        assert [_named(one) for one in await damaged.off_heads(limit)] == [(Figure.HEAD, ordinal)]


async def test_pages_beyond_those_that_are_read_at_once_are_checked_too(
    world: AuditedBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "MAX_PAGES", 1)
    ordinal, damage = max(DAMAGES.values(), key=lambda one: one[0])
    async with world.damaged(damage) as damaged:
        assert [_named(one) for one in await damaged.off_heads()] == [(Figure.HEAD, ordinal)]


async def test_what_nobody_could_have_written_is_named_too(world: AuditedBooks) -> None:
    if isinstance(world.below, MemoryBooks):
        return  # what is in memory has its types
    damage = Damage(
        "UPDATE ledger_transaction SET details = '{}' WHERE type = 'transfer'", lambda _: None
    )
    async with world.damaged(damage) as damaged:
        assert [_named(one) for one in await damaged.off_heads()] == [(Figure.HEAD, 2)]


def _named(finding: Finding) -> tuple[Figure, int | None]:
    return finding.figure, finding.page_number


async def test_a_new_owner_goes_on_where_the_chain_stands(world: AuditedBooks) -> None:
    stands = await world.books.ledger.chain(PARTITION)
    assert stands == world.books.chain
    assert len(stands.secret) == 32
