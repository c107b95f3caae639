"""OFX, as ofxtools reads it."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ofxtools.Parser import OFXTree

from core.entities.orders import CommandType
from core.entities.statement import StatementEntry, StatementHead
from tests.builders import NOON
from tests.unit.statements.examples import (
    LONGEST_USER_ID,
    NASTY_REFERENCES,
    head_of,
    history,
    nasty_history,
    written,
)


async def statement_of(head: StatementHead, entries: Sequence[StatementEntry] = ()) -> Any:
    """The one statement in the file, as ofxtools understands and checks it."""
    tree = OFXTree()
    tree.parse(io.BytesIO(await written("ofx", head, entries)))
    (statement,) = tree.convert().statements
    return statement


async def test_a_finance_program_reads_account_period_and_balance() -> None:
    entries = history()
    since, until = NOON - timedelta(days=1), NOON + timedelta(days=2, milliseconds=5)
    statement = await statement_of(head_of(entries, since=since, until=until), entries)
    assert statement.curdef == "USD"
    assert statement.bankacctfrom.acctid == "alice"
    assert statement.banktranlist.dtstart == since
    assert statement.banktranlist.dtend == until
    assert statement.ledgerbal.balamt == Decimal("0.00")
    assert statement.ledgerbal.dtasof == until


async def test_every_entry_is_a_transaction_with_its_amount_time_and_words() -> None:
    entries = history(references=("order 17", None))
    transactions = (await statement_of(head_of(entries), entries)).banktranlist
    assert [one.trnamt for one in transactions] == [
        Decimal("100.50"), Decimal("-200.00"), Decimal("0.01"), Decimal("99.49"),
    ]  # fmt: skip
    assert [one.trntype for one in transactions] == ["XFER", "DEBIT", "XFER", "DEP"]
    first, second, *_ = transactions
    assert first.dtposted == datetime(2026, 1, 31, 12, 0, 0, 1_000, tzinfo=UTC)
    assert (first.name, first.memo) == ("Transfer from bob", "Transfer from bob: order 17")
    assert (second.name, second.memo) == ("Withdrawal", "Withdrawal")


async def test_several_entries_of_one_transaction_have_ids_of_their_own() -> None:
    one, other, *_ = history()
    entries = (one, other._replace(transaction_id=one.transaction_id))
    first = await statement_of(head_of(entries), entries)
    again = await statement_of(head_of(entries[1:]), entries[1:])
    ids = [one.fitid for one in first.banktranlist]
    assert len(set(ids)) == 2
    assert [one.fitid for one in again.banktranlist] == ids[1:], "an id is the same for ever"


async def test_an_empty_period_has_no_transactions() -> None:
    statement = await statement_of(head_of((), opening_balance=-5))
    assert list(statement.banktranlist) == []
    assert statement.ledgerbal.balamt == Decimal("-0.05")


async def test_amounts_have_their_currencys_decimals() -> None:
    entries = history()
    yen = await statement_of(head_of(entries, currency="JPY"), entries)
    dinars = await statement_of(head_of(entries, currency="KWD"), entries)
    assert [str(one.trnamt) for one in yen.banktranlist][:2] == ["10050", "-20000"]
    assert [str(one.trnamt) for one in dinars.banktranlist][:2] == ["10.050", "-20.000"]


async def test_no_reference_breaks_the_file_or_its_lengths() -> None:
    entries = nasty_history()
    transactions = (await statement_of(head_of(entries), entries)).banktranlist
    assert len(transactions) == len(entries)
    assert all(len(one.name) <= 32 and len(one.memo) <= 255 for one in transactions)
    texts = [one.memo.partition(": ")[2] for one in transactions]
    assert texts[NASTY_REFERENCES.index("'")] == "'"
    assert "]]>&amp;<b>\"'</STMTTRN>" in texts
    assert "one two three four five" in texts
    assert "bell \ufffd, escape \ufffd, delete \ufffd, not a character \ufffd \ufffd" in texts
    assert "漢字 😀 🎉 é Ж א ع \u202eturned\u202c" in texts


async def test_a_long_user_id_becomes_an_account_id_of_its_own() -> None:
    ids = [
        (await statement_of(head_of((), user_id=user_id))).bankacctfrom.acctid
        for user_id in ("u" * 22, LONGEST_USER_ID, LONGEST_USER_ID[1:])
    ]
    assert ids[0] == "u" * 22
    assert len(set(ids)) == 3
    assert all(len(one) <= 22 for one in ids)
    assert "~" in ids[1], "which no user id has"


async def test_a_reversal_says_which_way_the_money_went() -> None:
    back, forth = history((500, -500), other_user_ids=("bob",), references=(None,))
    entries = tuple(one._replace(type=CommandType.REVERSE) for one in (back, forth))
    transactions = (await statement_of(head_of(entries), entries)).banktranlist
    assert [(one.trntype, one.name) for one in transactions] == [
        ("CREDIT", "Reversal from bob"),
        ("DEBIT", "Reversal to bob"),
    ]
