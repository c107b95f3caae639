"""The journal, as hledger reads it where it is installed, and always as our own reader does."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from core.entities.statement import StatementEntry, StatementHead
from tests.builders import NOON
from tests.unit.statements.examples import (
    LONGEST_USER_ID,
    head_of,
    history,
    nasty_history,
    written,
)
from tests.unit.statements.journal import Journal, read_journal

HLEDGER: Final = shutil.which("hledger")


async def journal_of(head: StatementHead, entries: Sequence[StatementEntry] = ()) -> Journal:
    return read_journal((await written("hledger", head, entries)).decode())


async def test_every_entry_is_a_transaction_with_its_words_and_ids() -> None:
    entries = history(references=("order 17", None))
    first, second, *_ = (await journal_of(head_of(entries), entries)).transactions
    assert first.date == date(2026, 1, 31)
    assert first.code == str(entries[0].transaction_id)
    assert first.description == "Transfer from bob | order 17"
    assert second.description == "Withdrawal"
    assert first.tags == {
        "sequence": "1",
        "posted_at": "2026-01-31T12:00:00.001234Z",
        "type": "transfer",
    }
    assert first.postings == [
        ("assets:alice", Decimal("100.50")),
        ("equity:user:bob", Decimal("-100.50")),
    ]
    assert second.postings[1] == ("equity:house", Decimal("200.00"))


@pytest.mark.parametrize(
    ("currency", "balance"), [("USD", "7.23"), ("JPY", "723"), ("KWD", "0.723")]
)
async def test_the_balance_is_ours_in_every_currency(currency: str, balance: str) -> None:
    entries = history((1_000, -300, 23))
    journal = await journal_of(head_of(entries, currency=currency), entries)
    assert journal.commodity == currency
    assert journal.balances["assets:alice"] == Decimal(balance)


@pytest.mark.parametrize("opening_balance", [5_000, -5_000])
async def test_an_opening_balance_is_the_first_transaction(opening_balance: int) -> None:
    entries = history((-10_000,), opening_balance, first_sequence=8)
    since = NOON - timedelta(days=1)
    head = head_of(entries, opening_balance=opening_balance, since=since)
    journal = await journal_of(head, entries)
    opening, _ = journal.transactions
    assert (opening.date, opening.description) == (date(2026, 1, 30), "opening balance")
    assert journal.balances["assets:alice"] * 100 == opening_balance - 10_000


async def test_an_empty_period_without_a_balance_has_no_transaction() -> None:
    assert (await journal_of(head_of(()))).transactions == []
    (opening,) = (await journal_of(head_of((), opening_balance=1))).transactions
    assert opening.postings[0] == ("assets:alice", Decimal("0.01"))


async def test_no_reference_and_no_user_id_breaks_the_syntax() -> None:
    entries = nasty_history()
    journal = await journal_of(head_of(entries, user_id="a:b"), entries)
    assert len(journal.transactions) == len(entries)
    accounts = {"assets:a%3Ab", "equity:house", "equity:user:bob"}
    assert set(journal.balances) == accounts | {
        "equity:user:a%3Ab.c_d@e+f-g", f"equity:user:{LONGEST_USER_ID}",
    }  # fmt: skip
    descriptions = [one.description.partition(" | ")[2] for one in journal.transactions]
    assert "=1+1" in descriptions
    assert "a； b ｜ c = d  (e) [2020-01-01] {f} date:2020-01-01, x:y" in descriptions
    assert "one two three four five" in descriptions
    assert journal.transactions[0].tags["reverses"] == str(UUID(int=17))
    assert journal.transactions[1].tags["hold_id"] == str(UUID(int=18))


def test_the_reader_of_these_tests_finds_what_is_wrong() -> None:
    good = "commodity 0.00 USD\n2026-01-31 x\n    a  1.00 USD = 1.00 USD\n    b  -1.00 USD\n"
    assert read_journal(good).balances == {"a": 1, "b": -1}
    for bad in (
        good.replace("-1.00", "-1.01"),
        good.replace("= 1.00", "= 1.01"),
        good.replace("a  1", "a 1"),
        good.replace("2026-01-31 x", "x"),
    ):
        with pytest.raises(ValueError, match=r".+"):
            read_journal(bad)


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
async def hledger_itself_agrees(tmp_path: Path, currency: str) -> None:
    entries = tuple(
        one._replace(sequence=one.sequence + 7, balance_after=one.balance_after - 5_000)
        for one in nasty_history()
    )
    head = head_of(entries, "a:b", currency, opening_balance=-5_000, since=NOON)
    file = tmp_path / "statement.journal"
    file.write_bytes(await written("hledger", head, entries))
    assert hledger(file, "check", "ordereddates", as_json=False) == ""
    transactions = hledger(file, "print")
    assert len(transactions) == len(entries) + 1
    assert [one["tcode"] for one in transactions[1:]] == [
        str(one.transaction_id) for one in entries
    ]
    assert all(one["tdate"] in {"2026-01-31", "2026-02-01"} for one in transactions)
    rows, _ = hledger(file, "balance", "--flat")
    (amounts,) = [row[3] for row in rows if row[0] == "assets:a%3Ab"]
    (balance,) = [one["aquantity"] for one in amounts]
    exponent = {"USD": 2, "JPY": 0, "KWD": 3}[currency]
    assert balance["decimalMantissa"] == entries[-1].balance_after
    assert balance["decimalPlaces"] == exponent


if HLEDGER is not None:
    test_hledger_itself_agrees = hledger_itself_agrees


def hledger(file: Path, *words: str, as_json: bool = True) -> Any:
    """What hledger answers. It reads the file in a locale that knows UTF-8."""
    command = [str(HLEDGER), "-f", str(file), *words, *(["-O", "json"] if as_json else [])]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"LANG": "C.UTF-8"}
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if as_json else done.stdout
