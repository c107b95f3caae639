"""ISO 20022 camt.053.001.08: a bank's statement, for accounting programs."""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.representations import Representations, time_text
from adapters.statements.format import EntryRuns
from adapters.statements.plain_text import account_number, one_line
from adapters.statements.streaming import streamed
from adapters.statements.wording import wording
from adapters.statements.xml_text import leaf, leaf_with, node
from core.entities.statement import StatementEntry, StatementHead
from core.refusals import InvalidFieldError

MAX_ACCOUNT_CHARACTERS: Final = 34
MAX_IDENTIFIER_CHARACTERS: Final = 35
MAX_AMOUNT_DIGITS: Final = 18
"""Of all amounts, balances too. An entry never has more; a balance can."""

_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_NOT_PROVIDED: Final = "NOTPROVIDED"
"""What stands where there is no end-to-end identification that fits."""
_BOOKED: Final = node("Sts", leaf("Cd", "BOOK"))


@dataclass(frozen=True, slots=True)
class Camt053Format:
    """A message with one statement. An entry's reference is its end-to-end identification where
    it fits, and always its unstructured remittance information.

    Transaction ids stand without hyphens: 35 characters are the most. The account's owner has the
    user id as name; as the account's identification, one of more than 34 characters becomes an
    `account_number`.
    """

    representations: Representations

    name = "camt053"
    content_type = "application/xml; charset=utf-8"
    extension = "xml"

    def write(self, head: StatementHead, runs: EntryRuns) -> AsyncIterator[bytes]:
        """The file, piece by piece; refused if a balance has more than 18 digits."""
        if len(str(max(abs(head.opening_balance), abs(head.closing_balance)))) > MAX_AMOUNT_DIGITS:
            raise InvalidFieldError(
                "format",
                f"must not be camt053, whose amounts have at most {MAX_AMOUNT_DIGITS} digits, "
                "for this statement; csv holds it",
            )
        money = _Money(head.account.currency, self.representations.amounts(head.account.currency))

        def elements(entries: Sequence[StatementEntry]) -> str:
            return "".join([_entry(entry, money) for entry in entries])

        return streamed(
            _beginning(head, money), elements, "</Stmt></BkToCstmrStmt></Document>\n", runs
        )


@dataclass(frozen=True, slots=True)
class _Money:
    currency: str
    text: Callable[[int], str]

    def elements(self, minor_units: int) -> str:
        """Amounts have no sign but a direction."""
        direction = "DBIT" if minor_units < 0 else "CRDT"
        amount = leaf_with("Amt", "Ccy", self.currency, self.text(abs(minor_units)))
        return amount + leaf("CdtDbtInd", direction)


def _beginning(head: StatementHead, money: _Money) -> str:
    message_id, produced_at = _message_id(head), time_text(head.produced_at)
    starts_at, ends_at = time_text(head.starts_at), time_text(head.ends_at)
    group = node("GrpHdr", leaf("MsgId", message_id), leaf("CreDtTm", produced_at))
    number = account_number(head.account.user_id, MAX_ACCOUNT_CHARACTERS)
    account = node(
        "Acct",
        node("Id", node("Othr", leaf("Id", number))),
        leaf("Ccy", head.account.currency),
        node("Ownr", leaf("Nm", head.account.user_id)),
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>'
        f"{group}<Stmt>{leaf('Id', message_id)}{leaf('CreDtTm', produced_at)}"
        f"{node('FrToDt', leaf('FrDtTm', starts_at), leaf('ToDtTm', ends_at))}{account}"
        f"{_balance('OPBD', money.elements(head.opening_balance), starts_at)}"
        f"{_balance('CLBD', money.elements(head.closing_balance), ends_at)}"
        f"{node('TxsSummry', node('TtlNtries', leaf('NbOfNtries', str(head.entry_count))))}\n"
    )


def _message_id(head: StatementHead) -> str:
    """32 characters: another message has another one."""
    told = "\0".join(map(str, (*head.account, *head[1:])))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _balance(code: str, money: str, time: str) -> str:
    return node(
        "Bal",
        node("Tp", node("CdOrPrtry", leaf("Cd", code))),
        money,
        node("Dt", leaf("DtTm", time)),
    )


def _entry(entry: StatementEntry, money: _Money) -> str:
    amount = money.elements(entry.amount)
    time = leaf("DtTm", time_text(entry.posted_at))
    code = _code(entry)
    return (
        node(
            "Ntry",
            leaf("NtryRef", str(entry.sequence)),
            amount,
            "" if entry.reverses is None else leaf("RvslInd", "true"),
            _BOOKED,
            node("BookgDt", time),
            node("ValDt", time),
            leaf("AcctSvcrRef", entry.transaction_id.hex),
            code,
            node("NtryDtls", _details(entry, amount, code)),
        )
        + "\n"
    )


def _code(entry: StatementEntry) -> str:
    """Payments (PMNT), received (RCDT) or issued (ICDT); BOOK is between accounts of one bank."""
    family = leaf("Cd", "RCDT" if entry.amount > 0 else "ICDT")
    sub_family = leaf("SubFmlyCd", "OTHR" if entry.other_user_id is None else "BOOK")
    return node(
        "BkTxCd",
        node("Domn", leaf("Cd", "PMNT"), node("Fmly", family, sub_family)),
        node("Prtry", leaf("Cd", entry.type.value)),
    )


def _details(entry: StatementEntry, amount: str, code: str) -> str:
    reference = entry.reference
    return node(
        "TxDtls",
        node(
            "Refs",
            leaf("EndToEndId", _end_to_end_id(reference)),
            leaf("TxId", entry.transaction_id.hex),
            _named_id("REVERSES", entry.reverses),
            _named_id("HOLD", entry.hold_id),
        ),
        amount,
        code,
        _other_party(entry),
        "" if reference is None else node("RmtInf", leaf("Ustrd", reference)),
        leaf("AddtlTxInf", wording(entry)),
    )


def _end_to_end_id(reference: str | None) -> str:
    if reference is None or len(one_line(reference)) > MAX_IDENTIFIER_CHARACTERS:
        return _NOT_PROVIDED
    return reference


def _named_id(name: str, one: UUID | None) -> str:
    return "" if one is None else node("Prtry", leaf("Tp", name), leaf("Ref", one.hex))


def _other_party(entry: StatementEntry) -> str:
    """Who paid, or who was paid; nothing for the house."""
    if entry.other_user_id is None:
        return ""
    role = "Dbtr" if entry.amount > 0 else "Cdtr"
    return node("RltdPties", node(role, node("Pty", leaf("Nm", entry.other_user_id))))
