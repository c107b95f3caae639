"""Pages in a real PostgreSQL: one after the other, never in each other's way, never unbalanced."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress

import asyncpg
import pytest

from adapters.outbound.postgres import page_copy
from core.entities.account import Account, user_account
from core.entities.command import Command
from core.entities.page import LedgerState, Page, PageRun
from core.errors import BrokenInvariantError, FencedError, LedgerUnavailableError, PutBackError
from core.posting.post import post
from infra.local.postgres import PROCESSOR, LocalPostgres
from tests.builders import NOON, FixedClock, deposit, logged, withdrawal
from tests.contracts.books_under_test import PARTITION, Books, books_in
from tests.eventually import eventually
from tests.postgres_databases import FreshDatabase, back_up, drop, fresh_database, put_back

ALICE = user_account("alice", "USD")


@pytest.fixture
async def database(postgres: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as database:
        yield database


@pytest.fixture
async def books(database: FreshDatabase) -> AsyncIterator[Books]:
    async with books_in(database, FixedClock()) as books:
        await books.take_over()
        yield books


def a_run(partition: int, epoch: int, first_offset: int, count: int) -> PageRun:
    return PageRun(partition, epoch, first_offset, first_offset + count, b"h" * 32, 0)


async def test_of_two_pages_at_one_position_one_is_stored_and_one_is_fenced(
    database: FreshDatabase,
) -> None:
    async with AsyncExitStack() as stack:
        workers = [
            await stack.enter_async_context(books_in(database, FixedClock())) for _ in range(2)
        ]
        epoch = (await workers[0].ledger.take_over(PARTITION)).epoch
        for offset in range(20):
            for worker in workers:
                worker.epoch, worker.next_offset = epoch, offset
            results = await asyncio.gather(
                *(worker.post(deposit(amount=1)) for worker in workers), return_exceptions=True
            )
            errors = [type(result) for result in results if isinstance(result, Exception)]
            assert errors == [FencedError]
        account = await workers[0].reader.account(ALICE)

    assert account is not None
    assert (account.balance, account.sequence) == (20, 20)


async def test_pages_that_name_the_same_accounts_in_any_order_never_deadlock(
    database: FreshDatabase,
) -> None:
    pages, users_of_a_round, partitions = 10, 20, 6
    together = asyncio.Barrier(partitions)

    async def work(partition: int) -> None:
        # A ledger each, as in processors of their own: none knows which accounts others opened.
        async with books_in(database, FixedClock()) as worker:
            epoch = (await worker.ledger.take_over(partition)).epoch
            for number in range(pages):
                names = [f"user-{number}-{one}" for one in range(users_of_a_round)]
                names += [f"user-{number - 1}-{one}" for one in range(users_of_a_round)]
                names = names[partition:] + names[:partition]
                names = names[:: -1 if partition % 2 else 1]
                commands = [
                    logged(deposit(name, 1), number * len(names) + index, partition)
                    for index, name in enumerate(names)
                ]
                run = a_run(partition, epoch, number * len(names), len(names))
                await together.wait()
                await worker.ledger.post_page(run, commands, worker.deciding(commands))

    await asyncio.gather(*(work(partition) for partition in range(partitions)))

    async with database.as_role() as connection:
        balances = await connection.fetch(
            "SELECT balance, sequence FROM account WHERE user_id LIKE 'user-%'"
        )
    posted = sum(int(row["balance"]) for row in balances)
    assert (
        posted
        == sum(row["sequence"] for row in balances)
        == 2 * partitions * pages * users_of_a_round
    )


async def test_a_page_is_fenced_or_stored_whatever_its_partitions_other_pages_wait_for(
    books: Books, database: FreshDatabase
) -> None:
    await books.post(deposit())
    async with database.as_role(PROCESSOR) as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("UPDATE log_position SET next_offset = 2")
        waiting = asyncio.create_task(books.post(deposit()))
        await eventually(database.somebody_waits_for_a_lock)
        await transaction.commit()

    with pytest.raises(FencedError):
        await waiting


def overdrawn(page: Page) -> Page:
    def change(account: Account) -> Account:
        return account if account.key.is_settlement else account._replace(balance=-1)

    return page._replace(accounts=tuple(change(account) for account in page.accounts))


def beyond_64_bits(page: Page) -> Page:
    def change(account: Account) -> Account:
        return account if account.key.is_settlement else account._replace(balance=2**63)

    return page._replace(accounts=tuple(change(account) for account in page.accounts))


def unbalanced(page: Page) -> Page:
    first, *others = page.transactions
    user, house = first.entries
    return page._replace(
        transactions=(first._replace(entries=(user, house._replace(amount=-1))), *others)
    )


def balanced_only_together(page: Page) -> Page:
    """The sum over all is zero, but not that of each transaction."""
    first, second, *others = page.transactions
    (user, house), (another, its_house) = first.entries, second.entries
    return page._replace(
        transactions=(
            first._replace(entries=(user, house._replace(amount=house.amount - 1))),
            second._replace(entries=(another, its_house._replace(amount=its_house.amount + 1))),
            *others,
        )
    )


def repeated(page: Page) -> Page:
    return page._replace(transactions=(page.transactions[0], *page.transactions))


def of_an_account_not_locked(page: Page) -> Page:
    stranger = page.accounts[0]._replace(key=user_account("stranger", "USD"))
    return page._replace(accounts=(*page.accounts, stranger))


@pytest.mark.parametrize("count", [2, 80])
@pytest.mark.parametrize(
    "spoil",
    [
        overdrawn,
        beyond_64_bits,
        unbalanced,
        balanced_only_together,
        repeated,
        of_an_account_not_locked,
    ],
)
async def test_a_page_that_breaks_the_books_is_refused_whole(
    books: Books, database: FreshDatabase, count: int, spoil: Callable[[Page], Page]
) -> None:
    commands = books.logged(*[deposit(f"user-{number}", 100) for number in range(count)])

    def decide(state: LedgerState) -> Page:
        return spoil(post(commands, state))

    with pytest.raises(BrokenInvariantError):
        await books.ledger.post_page(books.run(count), commands, decide)

    async with database.as_role() as connection:
        for table in ("account", "ledger_transaction", "entry", "page"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    await books.post_logged(commands)


@contextmanager
def no_cycles_collected() -> Iterator[None]:
    """As it is for most pages: a processor collects garbage seldom."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def test_the_rows_of_stored_pages_do_not_pile_up(books: Books) -> None:
    kept: list[int] = []
    with no_cycles_collected():
        tracemalloc.start()
        try:
            for _ in range(6):
                await books.post(*[deposit() for _ in range(200)])
                rows = tracemalloc.take_snapshot().filter_traces(
                    [tracemalloc.Filter(True, page_copy.__file__)]
                )
                kept.append(sum(one.size for one in rows.traces))
        finally:
            tracemalloc.stop()
    assert max(kept) < 10_000, "the rows of one page are nine times as much"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET balance = -1 WHERE user_id = 'alice'",
        "UPDATE account SET held = balance + 1 WHERE user_id = 'alice'",
        "UPDATE account SET held = -1 WHERE user_id = 'alice'",
        "DELETE FROM account WHERE user_id = 'alice'",
    ],
)
async def test_whoever_bypasses_the_code_meets_the_constraints(
    books: Books, database: FreshDatabase, statement: str
) -> None:
    await books.post(deposit())

    async with database.as_role() as connection:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(statement)


async def test_pages_are_numbered_in_the_order_in_which_they_touch_an_account(
    database: FreshDatabase,
) -> None:
    async def work(partition: int) -> None:
        async with books_in(database, FixedClock()) as worker:
            epoch = (await worker.ledger.take_over(partition)).epoch
            for offset in range(15):
                commands = [logged(deposit("shared", 1), offset, partition)]
                run = a_run(partition, epoch, offset, 1)
                await worker.ledger.post_page(run, commands, worker.deciding(commands))

    await asyncio.gather(*(work(partition) for partition in range(4)))

    async with database.as_role() as connection:
        pages = await connection.fetch(
            "SELECT page_number FROM entry JOIN ledger_transaction USING (transaction_id) "
            "WHERE entry.user_id = 'shared' ORDER BY sequence"
        )
    numbers = [row["page_number"] for row in pages]
    assert len(numbers) == 60
    assert numbers == sorted(numbers)


async def test_an_account_opened_elsewhere_and_gone_since_is_created_again(
    books: Books, database: FreshDatabase
) -> None:
    """As after a restore of an older backup under a running processor."""
    await books.post(deposit())
    async with database.as_role() as connection:
        await connection.execute("ALTER TABLE account DISABLE TRIGGER USER")
        await connection.execute("DELETE FROM account")
        await connection.execute("DELETE FROM entry")

    commands: list[Command] = [deposit()]
    with pytest.raises(Exception, match="does not exist"):
        await books.post(*commands)
    await books.post(*commands)

    account = await books.reader.account(ALICE)
    assert account is not None
    assert (account.sequence, account.opened_at) == (1, NOON)


async def test_a_refused_command_leaves_no_row_of_an_account_behind(
    books: Books, database: FreshDatabase
) -> None:
    await books.post(deposit())
    await books.post(withdrawal("nobody"), withdrawal("alice", 1, currency="EUR"), deposit("bob"))

    async with database.as_role() as connection:
        rows = await connection.fetch("SELECT user_id FROM account WHERE user_id NOT LIKE '@%'")
    assert {row["user_id"] for row in rows} == {"alice", "bob"}


async def test_after_offsets_came_again_outcomes_are_those_of_the_log_there_is_now(
    books: Books,
) -> None:
    await books.post(deposit("alice"), deposit("bob"), deposit("carol"))
    await books.ledger.halt(PARTITION, books.epoch, "the topic was deleted and created again")
    await books.partitions.resume(PARTITION, 0, "made anew")
    await books.take_over()
    page = await books.post(deposit("dave"))

    outcomes = await books.ledger.outcomes(PARTITION, 0, 3)

    assert tuple(outcomes.transactions) == page.transactions


async def test_an_operators_resumption_is_kept(books: Books, database: FreshDatabase) -> None:
    await books.post(deposit())
    await books.ledger.identify_log(PARTITION, books.epoch, "topic-1")
    await books.ledger.halt(PARTITION, books.epoch, "the log has a gap")
    await books.partitions.resume(PARTITION, 5, "records 1 to 4 are gone")

    async with database.as_role() as connection:
        row = await connection.fetchrow("SELECT * FROM resumption")

    assert row is not None
    assert (row["partition"], row["from_offset"], row["to_offset"]) == (PARTITION, 1, 5)
    assert (row["halted"], row["reason"]) == ("the log has a gap", "records 1 to 4 are gone")
    assert (row["topic_id"], row["resumed_at"]) == ("topic-1", NOON)


async def test_a_partition_that_was_taken_over_in_another_life_of_the_database_is_fenced(
    database: FreshDatabase,
) -> None:
    async with books_in(database, FixedClock()) as books:
        await books.take_over()
        await books.post(deposit())
        backup = await back_up(database)
        await put_back(database, backup)
        await drop(backup)

        with pytest.raises(FencedError, match="another life of the database"):
            await eventually_post(books)
        with pytest.raises(FencedError, match="another life of the database"):
            await books.ledger.position(PARTITION)
        await books.take_over()
        await books.post(deposit())


async def test_a_number_below_one_that_was_given_shows_that_the_books_were_put_back(
    database: FreshDatabase,
) -> None:
    async with books_in(database, FixedClock()) as books, database.as_role() as connection:
        await books.take_over()
        await connection.execute("SELECT setval('page_number_seq', 10)")
        await books.post(deposit())
        await connection.execute("SELECT setval('page_number_seq', 5)")

        with pytest.raises(PutBackError, match="the next one is to be page 6"):
            await books.post(deposit())
        assert await connection.fetchval("SELECT count(*) FROM page") == 1
        await books.take_over()
        await books.post(deposit())


async def eventually_post(books: Books) -> None:
    """Post, once the connections to the old database are found out to be closed."""
    while True:
        with suppress(LedgerUnavailableError):
            await books.post(deposit())
            return
