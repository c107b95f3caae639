"""What an operator is told when somebody changed the books, or the log, behind Counterfoil's back.

Everything is as it is with real processes: a processor posted it, `counterfoil verify` looks at it.
"""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, NamedTuple

import pytest

from adapters.outbound.postgres.blockers import Blockers
from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.ledger import PostgresLedger
from bootstrap import running_processor
from core.entities.chain import GENESIS, Chain
from core.entities.command import Command
from core.entities.page import Page
from core.proof.chain import head_after_page
from infra.local.kafka import LocalKafka
from infra.local.postgres import PROCESSOR, LocalPostgres
from infra.local.postgres_cluster import SUPERUSER
from tests.builders import (
    FixedClock,
    broken_record,
    capture,
    change,
    deposit,
    hold,
    partition_for,
    reversal,
    transfer,
    void,
    withdrawal,
)
from tests.eventually import eventually
from tests.kafka_log import KafkaLog, connected, fresh_topics
from tests.postgres_databases import FreshDatabase, back_up, drop, fresh_database
from tests.proof import Proof, proof
from tests.site import is_all_told, site_container, site_settings

ZOE: Final = "zoe"
"""Whose two transactions are the last ones of her partition, each on a page of its own."""
TENS: Final = 1_234_567
"""Minor units that are given once."""
RIGHT: Final = "The books are right."


class Site(NamedTuple):
    """Topics with a log, and the books that a processor made of it. Nobody is at work any more."""

    topics: KafkaLog
    database: FreshDatabase

    @asynccontextmanager
    async def copy(self) -> AsyncIterator["Site"]:
        """The same, with books of its own, that may be damaged."""
        copied = await back_up(self.database)
        try:
            yield Site(self.topics, copied)
        finally:
            await drop(copied)

    async def damage(self, statements: str) -> None:
        """Do as somebody does who is the owner of everything."""
        async with self.database.as_role() as connection:
            await connection.execute(f"SET session_replication_role = replica; {statements}")

    async def verify(self, *options: str, **others: str) -> Proof:
        """`counterfoil verify`, as an operator calls it."""
        settings = {**site_settings(self.topics, self.database.dsn(PROCESSOR)), **others}
        named = {f"COUNTERFOIL_{name.upper()}": value for name, value in settings.items()}
        return await proof({**os.environ, **named}, "verify", *options)

    async def page_of(self, condition: str) -> int:
        """The number of the page of the one transaction that is like that."""
        async with self.database.as_role() as connection:
            sql = f"SELECT page_number FROM ledger_transaction WHERE {condition}"
            (row,) = await connection.fetch(sql)
            return int(row["page_number"])


def some_of_all_kinds() -> Sequence[Command]:
    """Commands that are posted and refused, in an order that matters."""
    commands = [deposit("alice", 50_000), deposit("bob", 20_000), deposit("carol", TENS)]
    for number in range(1, 11):
        placed = hold("alice", 100 + number, to_user_id="bob", expires_in=600)
        moved = transfer("alice", "bob", 200 + number)
        commands += [
            moved,
            placed,
            void(placed.transaction_id) if number % 3 == 0 else capture(placed.transaction_id),
            withdrawal("bob", 50 * number),
            reversal(moved.transaction_id, "0.5"),
        ]
    commands += [withdrawal("alice", 900_000), void(commands[0].transaction_id)]
    return [*commands, change("alice", overdraft_limit=100), deposit("alice", 5)]


@pytest.fixture(scope="module")
async def site(kafka: LocalKafka, postgres: LocalPostgres) -> AsyncIterator[Site]:
    async with (
        fresh_topics(kafka.bootstrap_servers) as topics,
        fresh_database(postgres) as database,
    ):
        settings = site_settings(topics, database.dsn(PROCESSOR))
        async with running_processor(site_container(settings)):
            letter = broken_record(0, partition=partition_for("alice"))
            await topics.put(partition_for("alice"), letter.key, letter.value, [*letter.headers])
            given = 0
            for some in (some_of_all_kinds(), [deposit(ZOE, 1_000)], [hold(ZOE, 10)]):
                await give(topics, some)
                given += len(some)
                await eventually(partial(is_all_told, database, given))
        yield Site(topics, database)


async def give(topics: KafkaLog, commands: Sequence[Command]) -> None:
    """Append the commands, one after the other."""
    async with topics.command_log() as log:
        await connected(log)
        for one in commands:
            await log.append(one)


def named(found: Proof) -> list[list[str]]:
    """The findings that were printed, word by word, the first one first."""
    lines = [line.split() for line in found.lines]
    return [words for words in lines if words[0].isdigit()]


async def test_books_and_log_that_nobody_touched_are_right(site: Site) -> None:
    found = await site.verify("--replay")

    assert found.holds, found.lines
    assert found.lines[-1] == RIGHT
    assert "transactions" in found.lines[-2]
    assert found.lines[-2].startswith("replay:")


ALICE_SECOND: Final = "user_id = 'alice' AND sequence = 2"
DAMAGES: Final[Mapping[str, tuple[str, str]]] = {
    "an amount": (f"UPDATE entry SET amount = amount + 1 WHERE {ALICE_SECOND}", "entry_amount"),
    "a deleted entry": (f"DELETE FROM entry WHERE {ALICE_SECOND}", "entry"),
    "swapped rows": (
        """UPDATE entry SET sequence = 1002 WHERE user_id = 'alice' AND sequence = 2;
           UPDATE entry SET sequence = 2 WHERE user_id = 'alice' AND sequence = 3;
           UPDATE entry SET sequence = 3 WHERE user_id = 'alice' AND sequence = 1002""",
        "balance_after",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
async def test_rows_that_were_changed_by_hand_are_named(site: Site, name: str) -> None:
    statement, figure = DAMAGES[name]
    page = await site.page_of(
        f"transaction_id = (SELECT transaction_id FROM entry WHERE {ALICE_SECOND})"
    )
    async with site.copy() as damaged:
        await damaged.damage(statement)

        found = await damaged.verify()

    assert not found.holds
    assert found.lines[-1].endswith(f"The first is on page {page}.")
    assert any(words[:4] == [str(page), "alice", "USD", figure] for words in named(found))
    assert [str(page), "head"] in [words[:2] for words in named(found)]


ONE_MORE_FOR_ZOE: Final = """
    WITH given AS (SELECT transaction_id FROM entry WHERE user_id = 'zoe')
    UPDATE ledger_transaction SET amount = amount + 1
    WHERE transaction_id IN (SELECT transaction_id FROM given);
    UPDATE account AS one SET balance = balance + sign(amount)
    FROM entry JOIN (SELECT transaction_id FROM entry WHERE user_id = 'zoe') AS given
    USING (transaction_id) WHERE (one.user_id, one.currency) = (entry.user_id, entry.currency)
    AND one.shard = entry.shard;
    UPDATE entry SET amount = amount + sign(amount), balance_after = balance_after + sign(amount)
    WHERE transaction_id = (SELECT transaction_id FROM entry WHERE user_id = 'zoe')"""


async def test_pages_hashed_anew_by_who_knows_the_secret_are_named_by_a_replay(site: Site) -> None:
    page = await site.page_of("user_id = 'zoe' AND type = 'deposit'")
    async with site.copy() as damaged:
        await damaged.damage(ONE_MORE_FOR_ZOE)
        await hash_anew(damaged.database, partition_for(ZOE))
        hidden = await damaged.verify()
        found = await damaged.verify("--replay")

    # Books alone: everything in them fits everything else.
    assert hidden.lines[-1] == RIGHT
    assert not found.holds
    assert found.lines[-1].endswith(f"The first is on page {page}.")
    assert {words[1] for words in named(found)} >= {"head"}


async def hash_anew(database: FreshDatabase, partition: int) -> None:
    """Chain all pages of the partition again, as they are now."""
    async with Database(database.dsn(SUPERUSER)) as books, database.as_role() as connection:
        ledger = PostgresLedger(books, FixedClock(), Blockers(books))
        secret = (await ledger.chain(partition)).secret
        head = GENESIS
        for number, first, end in await _pages(connection, partition):
            outcomes = await ledger.outcomes(partition, first, end)
            page = Page(1, tuple(outcomes.transactions), (), (), tuple(outcomes.dead_letters))
            head = head_after_page(Chain(secret, head), partition, range(first, end), page)
            await connection.execute("UPDATE page SET head = $1 WHERE number = $2", head, number)


async def _pages(connection: Connection, partition: int) -> Sequence[tuple[int, int, int]]:
    sql = "SELECT number, first_offset, next_offset FROM page WHERE partition = $1 ORDER BY number"
    return [tuple(row) for row in await connection.fetch(sql, partition)]


async def test_a_copy_of_the_log_is_as_good_as_the_log(site: Site) -> None:
    async with site.topics.copied_commands(lambda value: value) as topic:
        found = await site.verify("--replay", kafka_commands_topic=topic)

    assert found.holds, found.lines


async def test_a_command_that_was_changed_in_the_log_is_named_by_a_replay(site: Site) -> None:
    page = await site.page_of(f"amount = {TENS}")
    old, new = str(TENS).encode(), str(TENS + 1).encode()
    async with site.topics.copied_commands(lambda value: value.replace(old, new)) as topic:
        found = await site.verify("--replay", kafka_commands_topic=topic)

    assert not found.holds
    assert found.lines[-1].endswith(f"The first is on page {page}.")
    assert any(line.startswith(f"replay: page {page} (partition ") for line in found.lines)
