"""CSV, as the standard library's reader and as DuckDB read it."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from adapters.statements.csv_format import COLUMNS
from core.entities.statement import StatementEntry, StatementHead
from tests.unit.statements.examples import (
    NASTY_REFERENCES,
    head_of,
    history,
    nasty_history,
    written,
)


async def rows_of(
    head: StatementHead, entries: Sequence[StatementEntry] = ()
) -> list[dict[str, str]]:
    text = (await written("csv", head, entries)).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


async def test_every_entry_is_a_row() -> None:
    entries = history(references=("order 17", None))
    rows = await rows_of(head_of(entries), entries)
    assert rows[0] == {
        "sequence": "1",
        "posted_at": "2026-01-31T12:00:00.001234Z",
        "type": "transfer",
        "amount": "100.50",
        "balance_after": "100.50",
        "currency": "USD",
        "other_user_id": "bob",
        "reference": "order 17",
        "transaction_id": str(entries[0].transaction_id),
        "reverses": "",
        "hold_id": "",
    }
    assert rows[1]["other_user_id"] == rows[1]["reference"] == ""
    assert [row["amount"] for row in rows] == ["100.50", "-200.00", "0.01", "99.49"]
    assert [row["balance_after"] for row in rows] == ["100.50", "-99.50", "-99.49", "0.00"]


async def test_lines_end_as_rfc_4180_wants_it() -> None:
    entries = history()
    text = await written("csv", head_of(entries), entries)
    assert text.count(b"\r\n") == text.count(b"\n") == len(entries) + 1


async def test_an_empty_period_has_a_header_row_alone() -> None:
    assert await written("csv", head_of(()), ()) == ",".join(COLUMNS).encode() + b"\r\n"


async def test_a_reversal_and_a_capture_name_what_they_are_of() -> None:
    entries = nasty_history()
    taken_back, captured, *_ = await rows_of(head_of(entries), entries)
    assert taken_back["reverses"] == str(entries[0].reverses)
    assert captured["hold_id"] == str(entries[1].hold_id)


async def test_texts_come_back_whole_but_for_formulas() -> None:
    entries = nasty_history()
    rows = await rows_of(head_of(entries), entries)
    for row, reference in zip(rows, NASTY_REFERENCES, strict=True):
        assert row["reference"].removeprefix("'") == reference.removeprefix("'")


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "－"])
async def test_what_a_spreadsheet_takes_for_a_formula_is_marked_as_text(beginning: str) -> None:
    entries = history((-5,), references=(f"{beginning}1+1",))
    (row,) = await rows_of(head_of(entries), entries)
    assert row["reference"] == f"'{beginning}1+1"
    assert row["amount"] == "-0.05", "a number stays one"


async def test_duckdb_finds_the_types_by_itself(tmp_path: Path) -> None:
    entries = nasty_history()
    file = tmp_path / "statement.csv"
    file.write_bytes(await written("csv", head_of(entries), entries))
    with duckdb.connect() as database:
        read = database.read_csv(str(file))
        types = dict(zip(read.columns, map(str, read.types), strict=True))
        rows = read.select("amount", "reference").fetchall()
    assert types["sequence"] == "BIGINT"
    assert types["posted_at"].startswith("TIMESTAMP")
    assert types["amount"] == types["balance_after"] == "DOUBLE"
    assert [round(Decimal(str(amount)) * 100) for amount, _ in rows] == [
        one.amount for one in entries
    ]
    assert [reference.removeprefix("'") for _, reference in rows] == [
        one.removeprefix("'") for one in NASTY_REFERENCES
    ]


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "10050"), ("KWD", "10.050")])
async def test_amounts_have_their_currencys_decimals(currency: str, amount: str) -> None:
    entries = history()
    rows = await rows_of(head_of(entries, currency=currency), entries)
    assert (rows[0]["amount"], rows[0]["currency"]) == (amount, currency)
