"""camt.053, against the schema of ISO 20022.

The schema beside this file is unchanged. ISO 20022 wants what it publishes used and reproduced
freely (iso20022.org, terms of use and intellectual property rights policy).
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from xml.etree.ElementTree import Element, fromstring

import pytest
from xmlschema import XMLSchema

from core.entities.statement import StatementEntry, StatementHead
from core.refusals import InvalidFieldError
from tests.builders import NOON
from tests.unit.statements.examples import (
    LONGEST_USER_ID,
    NASTY_REFERENCES,
    head_of,
    history,
    nasty_history,
    written,
)

SCHEMA: Final = XMLSchema(Path(__file__).parent / "camt.053.001.08.xsd")
NAMESPACES: Final = {"": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}


class Message:
    """A message that the schema allows."""

    def __init__(self, xml: bytes) -> None:
        SCHEMA.validate(xml.decode())
        self.root: Element = fromstring(xml)

    def texts(self, path: str) -> list[str | None]:
        return [one.text for one in self.root.findall(f".//{path}", NAMESPACES)]

    def currencies(self) -> set[Any]:
        return {one.get("Ccy") for one in self.root.findall(".//Amt", NAMESPACES)}


async def message_of(head: StatementHead, entries: Sequence[StatementEntry] = ()) -> Message:
    return Message(await written("camt053", head, entries))


async def test_an_accounting_program_reads_account_period_and_balances() -> None:
    entries = history(opening_balance=-700)
    since, until = NOON - timedelta(days=1), NOON + timedelta(days=2)
    head = head_of(entries, opening_balance=-700, since=since, until=until)
    message = await message_of(head, entries)
    assert message.texts("Stmt/Acct/Id/Othr/Id") == ["alice"]
    assert message.texts("Stmt/Acct/Ccy") == ["USD"]
    assert message.texts("Stmt/FrToDt/*") == [
        "2026-01-30T12:00:00.000000Z", "2026-02-02T12:00:00.000000Z",
    ]  # fmt: skip
    assert message.texts("Stmt/Bal/Tp/CdOrPrtry/Cd") == ["OPBD", "CLBD"]
    assert message.texts("Stmt/Bal/Amt") == ["7.00", "7.00"]
    assert message.texts("Stmt/Bal/CdtDbtInd") == ["DBIT", "DBIT"]
    assert message.texts("Stmt/TxsSummry/TtlNtries/NbOfNtries") == ["4"]


async def test_every_entry_has_its_amount_direction_time_and_parties() -> None:
    entries = history(references=("order 17", None))
    message = await message_of(head_of(entries), entries)
    assert message.texts("Ntry/NtryRef") == ["1", "2", "3", "4"]
    assert message.texts("Ntry/Amt") == ["100.50", "200.00", "0.01", "99.49"]
    assert message.texts("Ntry/CdtDbtInd") == ["CRDT", "DBIT", "CRDT", "CRDT"]
    assert message.texts("Ntry/BookgDt/DtTm")[0] == "2026-01-31T12:00:00.001234Z"
    assert message.texts("Ntry/AcctSvcrRef")[0] == entries[0].transaction_id.hex
    assert message.texts("RltdPties/Dbtr/Pty/Nm") == ["bob", "bob"]
    assert message.texts("RltdPties/Cdtr/Pty/Nm") == []
    assert message.texts("EndToEndId") == ["order 17", "NOTPROVIDED"] * 2
    assert message.texts("RmtInf/Ustrd") == ["order 17"] * 2
    assert message.texts("Ntry/BkTxCd/Prtry/Cd") == ["transfer", "withdraw", "transfer", "deposit"]


async def test_who_was_paid_is_the_creditor() -> None:
    entries = history((-5,))
    message = await message_of(head_of(entries), entries)
    assert message.texts("RltdPties/Cdtr/Pty/Nm") == ["bob"]
    assert message.texts("RltdPties/Dbtr/Pty/Nm") == []


async def test_a_reversal_and_a_capture_name_what_they_are_of() -> None:
    entries = nasty_history()
    message = await message_of(head_of(entries), entries)
    assert message.texts("Ntry/RvslInd") == ["true"]
    assert message.texts("Refs/Prtry/Tp") == ["REVERSES", "HOLD"]
    assert message.texts("Refs/Prtry/Ref") == [UUID(int=17).hex, UUID(int=18).hex]


async def test_an_empty_period_has_balances_and_no_entries() -> None:
    message = await message_of(head_of((), opening_balance=300))
    assert message.texts("Stmt/Bal/Amt") == ["3.00", "3.00"]
    assert message.texts("Ntry") == []


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "10050"), ("KWD", "10.050")])
async def test_amounts_have_their_currencys_decimals(currency: str, amount: str) -> None:
    entries = history()
    message = await message_of(head_of(entries, currency=currency), entries)
    assert message.texts("Ntry/Amt")[0] == amount
    assert message.currencies() == {currency}


async def test_no_reference_breaks_the_message_or_its_lengths() -> None:
    entries = nasty_history()
    message = await message_of(head_of(entries), entries)
    texts = message.texts("RmtInf/Ustrd")
    assert len(texts) == len(entries)
    assert "]]>&amp;<b>\"'</STMTTRN>" in texts
    assert "one two three four five" in texts
    assert "bell \ufffd, escape \ufffd, delete \ufffd, not a character \ufffd \ufffd" in texts
    assert texts[-2:] == list(NASTY_REFERENCES[-2:]), "128 characters, whole"
    assert message.texts("EndToEndId")[-2:] == ["NOTPROVIDED"] * 2, "never cut"


async def test_a_long_user_id_is_whole_as_the_owners_name() -> None:
    message = await message_of(head_of((), user_id=LONGEST_USER_ID))
    assert message.texts("Stmt/Acct/Ownr/Nm") == [LONGEST_USER_ID]
    (number,) = message.texts("Stmt/Acct/Id/Othr/Id")
    assert number is not None
    assert len(number) == 34


async def test_two_statements_have_two_ids() -> None:
    entries = history()
    one, other = head_of(entries), head_of(entries, until=NOON + timedelta(days=1))
    ids = [*(await message_of(one)).texts("MsgId"), *(await message_of(other)).texts("MsgId")]
    assert len(set(ids)) == 2
    assert (await message_of(one)).texts("MsgId") == ids[:1], "the same one has the same id"


@pytest.mark.parametrize("balance", [10**18 - 1, 1 - 10**18])
async def test_balances_of_18_digits_fit(balance: int) -> None:
    message = await message_of(head_of((), opening_balance=balance, currency="JPY"))
    assert message.texts("Stmt/Bal/Amt") == [str(abs(balance))] * 2


@pytest.mark.parametrize("balance", [10**18, -(10**18), 2**63 - 1])
async def test_a_balance_of_more_digits_is_refused_before_anything_is_written(balance: int) -> None:
    with pytest.raises(InvalidFieldError, match="csv"):
        await message_of(head_of((), opening_balance=balance))
