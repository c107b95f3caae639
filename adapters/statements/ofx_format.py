"""OFX 2.1.1: a bank's answer to a request for a statement, for finance programs."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from adapters.representations import Representations
from adapters.statements.format import EntryRuns
from adapters.statements.plain_text import account_number, cut, one_line
from adapters.statements.streaming import streamed
from adapters.statements.wording import wording
from adapters.statements.xml_text import leaf, node
from core.entities.orders import CommandType
from core.entities.statement import StatementEntry, StatementHead

MAX_ACCTID_CHARACTERS: Final = 22
MAX_NAME_CHARACTERS: Final = 32
MAX_MEMO_CHARACTERS: Final = 255

_HEADER: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
)
_BANK_ID: Final = "000000000"
"""There is no routing number, and BANKID must not be empty."""
_NO_REQUEST: Final = "0"
"""The TRNUID of what nobody asked for by OFX (section 2.4.6)."""
_STATUS: Final = node("STATUS", leaf("CODE", "0"), leaf("SEVERITY", "INFO"))
_PUNCTUATION: Final = str.maketrans("", "", "-:T")
_TYPES: Final[Mapping[CommandType, str]] = MappingProxyType(
    {CommandType.DEPOSIT: "DEP", CommandType.TRANSFER: "XFER"}
)


@dataclass(frozen=True, slots=True)
class OfxFormat:
    """A file that finance programs import. Times in milliseconds, as OFX has them.

    A FITID is the transaction's id and the entry's sequence: a transaction may have several
    entries on one account. A user id of more than 22 characters becomes an `account_number`.
    """

    representations: Representations

    name = "ofx"
    content_type = "application/x-ofx; charset=utf-8"
    extension = "ofx"

    def write(self, head: StatementHead, runs: EntryRuns) -> AsyncIterator[bytes]:
        """The file, piece by piece."""
        amount = self.representations.amounts(head.account.currency)

        def elements(entries: Sequence[StatementEntry]) -> str:
            return "".join([_transaction(entry, amount) for entry in entries])

        return streamed(_beginning(head), elements, _end(head, amount), runs)


def _beginning(head: StatementHead) -> str:
    signed_on = node(
        "SIGNONMSGSRSV1",
        node("SONRS", _STATUS, leaf("DTSERVER", _time(head.produced_at)), leaf("LANGUAGE", "ENG")),
    )
    account = node(
        "BANKACCTFROM",
        leaf("BANKID", _BANK_ID),
        leaf("ACCTID", account_number(head.account.user_id, MAX_ACCTID_CHARACTERS)),
        leaf("ACCTTYPE", "CHECKING"),
    )
    return (
        f"{_HEADER}<OFX>{signed_on}<BANKMSGSRSV1><STMTTRNRS>{leaf('TRNUID', _NO_REQUEST)}{_STATUS}"
        f"<STMTRS>{leaf('CURDEF', head.account.currency)}{account}<BANKTRANLIST>"
        f"{leaf('DTSTART', _time(head.starts_at))}{leaf('DTEND', _time(head.ends_at))}\n"
    )


def _end(head: StatementHead, amount: Callable[[int], str]) -> str:
    balance = node(
        "LEDGERBAL",
        leaf("BALAMT", amount(head.closing_balance)),
        leaf("DTASOF", _time(head.ends_at)),
    )
    return f"</BANKTRANLIST>{balance}</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"


def _transaction(entry: StatementEntry, amount: Callable[[int], str]) -> str:
    words, reference = wording(entry), entry.reference
    memo = words if reference is None else f"{words}: {one_line(reference)}"
    return (
        node(
            "STMTTRN",
            leaf("TRNTYPE", _TYPES.get(entry.type) or ("CREDIT" if entry.amount > 0 else "DEBIT")),
            leaf("DTPOSTED", _time(entry.posted_at)),
            leaf("TRNAMT", amount(entry.amount)),
            leaf("FITID", f"{entry.transaction_id}-{entry.sequence}"),
            leaf("NAME", cut(words, MAX_NAME_CHARACTERS)),
            leaf("MEMO", cut(memo, MAX_MEMO_CHARACTERS)),
        )
        + "\n"
    )


def _time(time: datetime) -> str:
    """OFX 2.1.1, section 3.2.8.2: `20260131120000.000[0:GMT]`."""
    text = time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return text.translate(_PUNCTUATION) + "[0:GMT]"
