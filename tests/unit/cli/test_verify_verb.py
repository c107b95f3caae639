"""`counterfoil verify`, as its operator sees it."""

import json
from collections.abc import AsyncIterator

import pytest

from adapters.inbound.cli.output import Output
from adapters.inbound.cli.verify_verb import Step, VerifyVerb
from adapters.outbound.memory.audit.books_audit import MemoryBooksAudit
from adapters.outbound.memory.books import MemoryBooks
from core.entities.account import user_account
from core.entities.audit import Counts
from core.entities.finding import Figure, Finding
from core.usecases.verify_books import Checked, VerifyBooks
from tests.builders import REPRESENTATIONS, FixedClock, deposit
from tests.contracts.books_under_test import books_over

ALICE = user_account("alice", "USD")


@pytest.fixture
async def store() -> MemoryBooks:
    store = MemoryBooks()
    books = books_over(store, FixedClock())
    await books.take_over()
    await books.post(deposit(amount=10_000), deposit("bob"))
    await books.post(deposit(amount=20_000))
    return store


async def verified(store: MemoryBooks, *, as_json: bool = False) -> bool:
    books = Step("books", VerifyBooks(MemoryBooksAudit(store)))
    return await VerifyVerb([books], REPRESENTATIONS, Output(as_json))()


def tampered(store: MemoryBooks) -> None:
    entry, transaction = store.entries[ALICE][1]
    store.entries[ALICE][1] = (entry._replace(amount=20_001), transaction)


async def test_right_books_are_said_to_be_right(
    store: MemoryBooks, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verified(store)

    said = capsys.readouterr().out
    assert "books: 3 accounts, 6 entries, 2 pages, 3 transactions, 2 chained pages in" in said
    assert "The books are right." in said


async def test_what_is_off_is_named_with_page_account_and_figure(
    store: MemoryBooks, capsys: pytest.CaptureFixture[str]
) -> None:
    tampered(store)

    assert not await verified(store)

    said = capsys.readouterr().out
    [row] = [line.split() for line in said.splitlines() if "entry_amount" in line]
    assert row[:6] == ["2", "alice", "USD", "entry_amount", "200.00", "200.01"]
    assert "The books are NOT right. Figures that are off: 3. The first is on page 2." in said


async def test_a_step_that_reads_no_entries_is_given_no_speed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def signed() -> AsyncIterator[Checked]:
        yield Checked(Counts(signed_heads=2), [])

    async def nothing() -> AsyncIterator[Checked]:
        yield Checked(Counts(), [])

    steps = [Step("signatures", lambda: [signed()]), Step("replay", lambda: [nothing()])]
    assert await VerifyVerb(steps, REPRESENTATIONS, Output(as_json=False))()

    said = capsys.readouterr().out
    assert "signatures: 2 signed heads in 0.0 s\n" in said
    assert "replay: nothing in 0.0 s\n" in said


async def test_a_script_is_told_in_json(
    store: MemoryBooks, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verified(store, as_json=True)
    right = json.loads(capsys.readouterr().out)
    assert (right["status"], right["steps"]["books"]["entries"]) == ("ok", 6)
    tampered(store)

    assert not await verified(store, as_json=True)

    broken = json.loads(capsys.readouterr().out)
    assert broken["status"] == "broken"
    books = broken["steps"]["books"]
    assert books["finding_count"] == 3
    assert {one["figure"]: one["user_id"] for one in books["findings"]} == {
        "balance_after": "alice",
        "entry_amount": "alice",
        "head": None,
    }


async def test_a_sentence_is_shown_whole_however_long_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sentence = f"page 7 (partition 2, offsets 0 to 0) had {'9' * 300}"

    async def replayed() -> AsyncIterator[Checked]:
        yield Checked(Counts(), [Finding(Figure.REPLAY, None, sentence, page_number=7)])

    step = Step("replay", lambda: [replayed()])
    assert not await VerifyVerb([step], REPRESENTATIONS, Output(as_json=False))()

    said = capsys.readouterr().out
    assert f"replay: {sentence}" in "".join(said.splitlines())
