"""Whatever is posted, page after page, a ledger decides and keeps what the bare rules do.

The model is the pure function over books of its own. Hypothesis draws logs of all commands, and
cuts them into pages; each step posts a page to the ledger under test and to the model. At each
run some thousand commands go both ways; MODEL_SEED=... (the head of pytest's report says which)
draws them again.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise
from typing import Final
from unittest.mock import patch

import pytest
from hypothesis import given, note, seed, settings
from hypothesis import strategies as st

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.postgres import page_writing
from adapters.outbound.postgres.blockers import Blockers
from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.ledger import PostgresLedger
from adapters.outbound.postgres.ledger_reader import PostgresLedgerReader
from adapters.outbound.postgres.page_writing import COPY_FROM_TRANSACTIONS
from core.entities.command import LoggedCommand
from core.entities.page import Page, PageRun
from core.ports.ledger import Ledger
from core.ports.ledger_reader import LedgerReader
from core.posting.post import post
from infra.local.postgres import LocalPostgres
from tests.audit import audit
from tests.builders import FixedClock
from tests.command_strategies import LONG_LOGS
from tests.model_seed import MODEL_SEED
from tests.postgres_databases import FreshDatabase, fresh_database
from tests.unit.replay import Replay

EXAMPLES: Final = 100
CUTS: Final = st.lists(st.integers(0, 60), max_size=12)
_EMPTY: Final = (
    "TRUNCATE account, hold, ledger_transaction, entry, party, page, signed_head, dead_letter, "
    "log_position, integrity_check"
)


async def agree(
    ledger: Ledger, reader: LedgerReader, log: Sequence[LoggedCommand], cuts: Sequence[int]
) -> None:
    """Post the log to both, page by page, and compare what they decide and what they keep."""
    position = await ledger.take_over(0)
    model = Replay()
    for start, end in pairwise(sorted({0, len(log), *(min(cut, len(log)) for cut in cuts)})):
        run = PageRun(0, position.epoch, start, end, b"\0" * 32, 0)
        page = await ledger.post_page(run, log[start:end], _deciding(log[start:end]))
        note(f"page of {end - start}: {[one.status.value for one in page.transactions]}")
        assert page == model.post_logged(log[start:end])
    ids = [one.command.transaction_id for one in model.transactions]
    read = await reader.transactions(ids)
    assert [read[one] for one in ids] == model.transactions
    for key, account in model.books.accounts.items():
        assert await reader.account(key) == account
    for hold_id, hold in model.books.holds.items():
        assert await reader.hold(hold_id) == hold


def _deciding(commands: Sequence[LoggedCommand]) -> Callable[..., Page]:
    return lambda state: post(commands, state)


@seed(MODEL_SEED)
@given(LONG_LOGS, CUTS)
@settings(max_examples=EXAMPLES, deadline=None)
async def test_the_ledger_in_memory_agrees_with_the_rules(
    log: list[LoggedCommand], cuts: list[int]
) -> None:
    books = MemoryBooks()
    await agree(MemoryLedger(books, FixedClock()), MemoryLedgerReader(books), log, cuts)


@pytest.fixture(scope="module")
async def database(postgres: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as database:
        yield database


@pytest.fixture(scope="module")
async def connected(database: FreshDatabase) -> AsyncIterator[Database]:
    async with Database(database.dsn()) as connected:
        yield connected


@pytest.mark.parametrize("copy_from", [1, COPY_FROM_TRANSACTIONS])
@seed(MODEL_SEED)
@given(log=LONG_LOGS, cuts=CUTS)
@settings(max_examples=EXAMPLES // 2, deadline=None)
async def test_the_ledger_in_postgresql_agrees_with_the_rules(
    database: FreshDatabase,
    connected: Database,
    copy_from: int,
    log: list[LoggedCommand],
    cuts: list[int],
) -> None:
    """Pages of fewer transactions than `copy_from` go in one statement, others by COPY."""
    async with database.as_role() as connection:
        await connection.execute(_EMPTY)
    ledger = PostgresLedger(connected, FixedClock(), Blockers(connected))
    with patch.object(page_writing, "COPY_FROM_TRANSACTIONS", copy_from):
        await agree(ledger, PostgresLedgerReader(connected), log, cuts)
    await audit(database.dsn())
