"""The audit finds what was done to the books behind the product's back, and names it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.entities.account import AccountStatus
from infra.local.postgres import OWNER, LocalPostgres
from infra.local.refused import Refused
from infra.local.screen import Screen
from tests.audit import Finding, audit, audit_data, findings
from tests.audit_rules import RULES
from tests.builders import (
    FixedClock,
    broken_record,
    capture,
    change,
    deposit,
    discard,
    hold,
    letter_of,
    logged,
    reversal,
    transfer,
    void,
    withdrawal,
)
from tests.contracts.books_under_test import PARTITION, Books, books_in
from tests.postgres_databases import FreshDatabase, fresh_database

ZERO = "the entries of a transaction sum to zero, in each currency"
ALL_ZERO = "all entries together sum to zero, in each currency"
BALANCE = "a balance is the sum of its account's entries"
SEQUENCE = "sequences have no gap, and running balances are right"
TIME = "the time of an account's entries never steps back"
LAST = "an account's last entry was when the account says"
ENTRIES = "a posted transaction has the entries that it says, a rejected one none"
TWICE = "no entry is there twice"
RECORD = "no record of the log is two transactions"
LIMIT = "no account is below its limit"
EVER = "no account was below the largest limit it ever had after any of its entries"
PROPERTIES = "an account has the limit, the status and the metadata that it was given last"
HELD = "what an account has set aside is what its open holds still hold"
HOLDS = "a hold is as its transactions left it"
REVERSED = "no more of a transaction is reversed than there was"
PARTIES = "a transaction's parties are the other users whose money or hold it touched"
COUNTED = "a page has the transactions and entries that it counted"
STRETCH = "a transaction lies in its page's stretch of the log"
PAGES = "the pages of a partition follow each other without gap or overlap"
POSITION = "a position is where its partition's last page ended"
DEAD = "a dead letter lies in its page's stretch of the log"
DISCARDED = "what was discarded was a dead letter before, and moved nothing"
HELD_LETTER = "no dead letter waits for an operator"

_DEAD_LETTER = (
    "INSERT INTO dead_letter (partition, page_number, log_offset, shard, transaction_id, reason, "
    "detail, recorded_at, header_names, header_values)"
)
_PLANTED_LETTER = "'undecodable', 'planted', now(), '{}'::bytea[], '{}'::bytea[]"

# What is planted, as SQL, and the rules that it breaks: these and no others.
PLANTED = {
    "entries doubled": (
        """
        INSERT INTO entry
        SELECT shard, user_id, currency, sequence + 100, transaction_id, leg, log_partition,
            log_offset, amount, balance_after, posted_at
        FROM entry WHERE log_offset = 0
        """,
        {TWICE, BALANCE, SEQUENCE, COUNTED},
    ),
    "a balance changed": (
        "UPDATE account SET balance = balance + 1 WHERE user_id = 'alice'",
        {BALANCE},
    ),
    "an entry's amount changed": (
        "UPDATE entry SET amount = amount + 1 WHERE user_id = 'alice' AND sequence = 1",
        {ZERO, ALL_ZERO, BALANCE, SEQUENCE, ENTRIES},
    ),
    "a transaction's entries changed, and all that follows from them": (
        """
        UPDATE entry SET amount = amount + sign(amount) WHERE log_offset = 0;
        UPDATE entry
        SET balance_after = balance_after + CASE user_id WHEN 'alice' THEN 1 ELSE -1 END;
        UPDATE account SET balance = balance + CASE user_id WHEN 'alice' THEN 1 ELSE -1 END
        """,
        {ENTRIES},
    ),
    "a gap in a sequence": (
        "UPDATE entry SET sequence = 4 WHERE user_id = 'alice' AND sequence = 3",
        {SEQUENCE},
    ),
    "an entry's time after that of the next": (
        (
            "UPDATE entry SET posted_at = posted_at + interval '1 microsecond' "
            "WHERE user_id = 'alice' AND sequence = 2"
        ),
        {TIME},
    ),
    "a last entry's time changed": (
        (
            "UPDATE entry SET posted_at = posted_at + interval '1 microsecond' "
            "WHERE user_id = 'alice' AND sequence = 3"
        ),
        {LAST},
    ),
    "an account without entries that says when its last one was": (
        (
            "ALTER TABLE account DROP CONSTRAINT account_last_entry; "
            "INSERT INTO account (shard, user_id, currency, last_entry_at) "
            "VALUES (0, 'bob', 'USD', now())"
        ),
        {LAST},
    ),
    "an account with entries that forgot them": (
        (
            "ALTER TABLE account DROP CONSTRAINT account_last_entry; "
            "UPDATE account SET last_entry_at = NULL WHERE user_id = 'alice'"
        ),
        {LAST},
    ),
    "a posted transaction missing": (
        "DELETE FROM ledger_transaction WHERE log_offset = 0",
        {ENTRIES, COUNTED},
    ),
    "a posted transaction and its entries missing": (
        (
            "DELETE FROM ledger_transaction WHERE log_offset = 0; "
            "DELETE FROM entry WHERE log_offset = 0"
        ),
        {BALANCE, SEQUENCE, COUNTED},
    ),
    "a rejected transaction missing": (
        "DELETE FROM ledger_transaction WHERE status = 'rejected'",
        {COUNTED},
    ),
    "a posted transaction made a rejected one": (
        (
            "UPDATE ledger_transaction SET status = 'rejected', rejection_code = 'planted', "
            "rejection_figures = '{}' WHERE log_offset = 3"
        ),
        {ENTRIES},
    ),
    "a page missing between others": (
        "DELETE FROM page WHERE first_offset = 2",
        {PAGES, COUNTED, STRETCH},
    ),
    "the last page missing": (
        "DELETE FROM page WHERE first_offset = 3",
        {POSITION, COUNTED, STRETCH},
    ),
    "a position moved": ("UPDATE log_position SET next_offset = 5", {POSITION}),
    "an account below its limit": (
        (
            "ALTER TABLE account DROP CONSTRAINT account_user_balance; "
            "UPDATE account SET held = balance + 1 WHERE user_id = 'alice'"
        ),
        {LIMIT, HELD},
    ),
    "an account below its limit in between": (
        "UPDATE entry SET balance_after = -1 WHERE user_id = 'alice' AND sequence = 2",
        {EVER, SEQUENCE},
    ),
    "the house's side of another partition": (
        """
        UPDATE entry SET user_id = '@settlement:4000' WHERE user_id LIKE '@%';
        UPDATE account SET user_id = '@settlement:4000' WHERE user_id LIKE '@%'
        """,
        {ENTRIES},
    ),
    "a dead letter of no page": (
        f"{_DEAD_LETTER} VALUES (1, 99, 0, 0, gen_random_uuid(), {_PLANTED_LETTER})",
        {DEAD, HELD_LETTER},
    ),
    "a dead letter that nobody decided": (
        (
            f"{_DEAD_LETTER} SELECT partition, number, first_offset, 0, gen_random_uuid(), "
            f"{_PLANTED_LETTER} FROM page LIMIT 1"
        ),
        {HELD_LETTER},
    ),
    "a rejection that nobody gave up": (
        "UPDATE ledger_transaction SET rejection_code = 'discarded' WHERE status = 'rejected'",
        {DISCARDED},
    ),
}


# The same for books in which money moved in every way.
PLANTED_AMONG_ORDERS = {
    "a leg of a transfer that went elsewhere": (
        """
        UPDATE ledger_transaction SET details = jsonb_set(details, '{legs,0,to_user_id}', '"eve"')
        WHERE type = 'transfer'
        """,
        {ENTRIES},
    ),
    "a capture that went to somebody else": (
        """
        UPDATE ledger_transaction SET details = details || '{"to_user_id": "eve"}'
        WHERE type = 'capture'
        """,
        {ENTRIES},
    ),
    "a reversal of something else": (
        """
        UPDATE ledger_transaction SET reversed_id = (
            SELECT transaction_id FROM ledger_transaction WHERE type = 'transfer'
        ) WHERE type = 'reverse' AND status = 'posted'
        """,
        {ENTRIES},
    ),
    "more reversed than there was": (
        "UPDATE ledger_transaction SET amount = 3 WHERE type = 'deposit' AND amount = 300",
        {ENTRIES, REVERSED},
    ),
    "a hold open again": ("UPDATE hold SET status = 'open' WHERE status = 'voided'", {HOLDS, HELD}),
    "a hold of another amount": (
        "UPDATE hold SET amount = amount + 1 WHERE status = 'open'",
        {HOLDS, HELD},
    ),
    "a hold captured twice": (
        "UPDATE hold SET captured = captured + 1 WHERE status = 'captured'",
        {HOLDS},
    ),
    "a hold missing": ("DELETE FROM hold WHERE status = 'voided'", {HOLDS}),
    "a hold's user another one": (
        "UPDATE ledger_transaction SET user_id = 'bob' WHERE type = 'void'",
        {PARTIES},
    ),
    "a party missing": ("DELETE FROM party WHERE user_id = 'bob'", {PARTIES}),
    "a party too many": (
        "INSERT INTO party SELECT 'eve', log_partition, page_number, log_offset FROM party LIMIT 1",
        {PARTIES},
    ),
    "money set aside for nobody": (
        "UPDATE account SET held = held + 1 WHERE user_id = 'alice'",
        {HELD},
    ),
    "a limit that nobody gave": (
        "UPDATE account SET overdraft_limit = 7 WHERE user_id = 'bob'",
        {PROPERTIES},
    ),
    "a status that nobody gave": (
        "UPDATE account SET status = 'frozen' WHERE user_id = 'alice'",
        {PROPERTIES},
    ),
    "a discard of what was no dead letter": ("DELETE FROM dead_letter", {DISCARDED}),
    "a discard that moved money": (
        "UPDATE ledger_transaction SET rejection_code = 'planted' WHERE type = 'discard'",
        {DISCARDED},
    ),
    "a dead letter in the page of others": ("UPDATE dead_letter SET page_number = 1", {DEAD}),
    "metadata gone": ("UPDATE account SET metadata = NULL WHERE user_id = 'alice'", {PROPERTIES}),
}


@dataclass(frozen=True)
class Audited:
    """Books of three pages, and the database that they are in."""

    books: Books
    database: FreshDatabase

    async def broken(self) -> dict[str, Finding]:
        """The findings of the rules that do not hold."""
        found = [one async for one in findings(self.database.dsn(OWNER))]
        return {one.rule: one for one in found if not one.holds}

    async def plant(self, sql: str) -> None:
        """Change the books as nobody should."""
        async with self.database.as_role(OWNER) as owner:
            await owner.execute(sql)


@pytest.fixture
async def audited(postgres: LocalPostgres) -> AsyncIterator[Audited]:
    async with (
        fresh_database(postgres) as database,
        books_in(database, FixedClock()) as books,
    ):
        await books.take_over()
        await books.post(deposit(amount=10_050), withdrawal(amount=4_025))
        await books.post(withdrawal(amount=100_000))
        await books.post(deposit(amount=500))
        yield Audited(books, database)


async def test_books_that_the_product_wrote_are_right(audited: Audited) -> None:
    assert await audited.broken() == {}
    await audit(audited.database.dsn(OWNER))


@pytest.mark.parametrize("error", PLANTED)
async def test_a_planted_error_is_named_by_the_rules_that_it_breaks(
    audited: Audited, error: str
) -> None:
    sql, rules = PLANTED[error]
    await audited.plant(sql)

    assert set(await audited.broken()) == rules


@pytest.fixture
async def with_orders(audited: Audited) -> Audited:
    first, second, third = hold(amount=50), hold(amount=20, to_user_id="bob"), hold(amount=10)
    paid = deposit(amount=300)
    await audited.books.post(
        paid,
        first,
        second,
        third,
        transfer("alice", "bob", 70),
        reversal(paid.transaction_id, "0.30"),
        reversal(paid.transaction_id, "9"),
        capture(second.transaction_id, "0.15"),
        void(third.transaction_id),
        change("alice", overdraft_limit=100, account_metadata={"tier": "gold"}),
        change("alice", status=AccountStatus.FROZEN_CREDITS),
        withdrawal(amount=6_640),
    )
    letter = letter_of(broken_record(audited.books.next_offset, PARTITION))
    await audited.books.condemn(letter, in_a_row=1)
    await audited.books.post(discard(letter.transaction_id, position=letter.record.position))
    return audited


async def test_books_in_which_money_moved_in_every_way_are_right(with_orders: Audited) -> None:
    assert await with_orders.broken() == {}


@pytest.mark.parametrize("error", PLANTED_AMONG_ORDERS)
async def test_an_error_planted_among_orders_is_named(with_orders: Audited, error: str) -> None:
    sql, rules = PLANTED_AMONG_ORDERS[error]
    await with_orders.plant(sql)

    assert set(await with_orders.broken()) == rules


def test_every_rule_but_one_has_an_error_planted_here() -> None:
    planted = [*PLANTED.values(), *PLANTED_AMONG_ORDERS.values()]
    assert set().union(*(rules for _, rules in planted)) == set(RULES) - {RECORD}


async def test_a_record_that_is_posted_twice_is_named(audited: Audited) -> None:
    await audited.books.post_logged([logged(deposit(amount=500), 3, PARTITION)])

    broken = await audited.broken()

    assert set(broken) == {RECORD, STRETCH}
    assert f"log_partition={PARTITION} log_offset=3" in broken[RECORD].rows[0]


async def test_an_account_without_entries_needs_no_time_of_a_last_one(audited: Audited) -> None:
    await audited.plant("INSERT INTO account (shard, user_id, currency) VALUES (0, 'bob', 'USD')")

    assert await audited.broken() == {}


async def test_what_breaks_a_rule_is_told_with_its_figures(audited: Audited) -> None:
    await audited.plant("UPDATE account SET balance = balance + 1 WHERE user_id = 'alice'")

    with pytest.raises(AssertionError) as told:
        await audit(audited.database.dsn(OWNER))

    assert BALANCE in str(told.value)
    row = "user_id=alice currency=USD balance=6526 sequence=3 sum_of_entries=6525 entries=3"
    assert row in str(told.value)


async def test_of_many_rows_some_are_shown_and_all_are_counted(audited: Audited) -> None:
    await audited.books.post(*[deposit(amount=1) for _ in range(20)])
    await audited.plant("UPDATE entry SET balance_after = balance_after + 1")

    finding = (await audited.broken())[SEQUENCE]

    assert (len(finding.rows), finding.row_count) == (5, 2 * 23)


@pytest.mark.parametrize("at_offset", [2, 4, 9])
async def test_going_on_elsewhere_by_an_operators_decision_breaks_no_rule(
    audited: Audited, at_offset: int
) -> None:
    books = audited.books
    await books.ledger.mark_published(PARTITION, books.epoch, 4)
    await books.ledger.halt(PARTITION, books.epoch, "the log has a gap")
    assert await books.partitions.resume(PARTITION, at_offset, "looked at") is not None
    assert await audited.broken() == {}

    await books.take_over()
    await books.post(deposit(), deposit(), deposit())

    assert await audited.broken() == {}


async def test_the_verb_shows_every_rule_and_fails_if_one_is_broken(
    audited: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "stack.json").write_text(json.dumps({"postgres": audited.database.dsn(OWNER)}))
    assert await audit_data(tmp_path, Screen()) == 0
    assert [f"holds   {rule}" for rule in RULES] == capsys.readouterr().out.splitlines()[:-2]

    await audited.plant("UPDATE account SET balance = balance + 1 WHERE user_id = 'alice'")
    assert await audit_data(tmp_path, Screen()) == 1
    said = capsys.readouterr().out
    assert f"BROKEN  {BALANCE}" in said
    assert "user_id=alice" in said


async def test_where_nothing_runs_the_verb_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Nothing runs on"):
        await audit_data(tmp_path, Screen())


async def test_where_the_books_do_not_answer_the_verb_says_so(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text(json.dumps({"postgres": "postgresql://127.0.0.1:9/none"}))
    with pytest.raises(Refused, match="cannot be read"):
        await audit_data(tmp_path, Screen())
