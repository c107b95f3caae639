"""Reads hledger's journals, as far as the hledger manual's rules for them concern ours.

Its own reading, not the writer's turned around: a second opinion where hledger is not installed.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

_TRANSACTION: Final = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?: (?P<status>[*!]))?(?: \((?P<code>[^)]*)\))?"
    r"(?: (?P<description>[^;]*))?(?:;.*)?"
)
# Two spaces or a tab end an account's name.
_POSTING: Final = re.compile(
    r"\s+(?P<account>\S(?:(?!  |\t)[^;])*)(?:  |\t)\s*(?P<amount>-?[\d.]+) (?P<commodity>[A-Z]+)"
    r"(?: = (?P<balance>-?[\d.]+) (?P=commodity))?\s*"
)


@dataclass
class JournalTransaction:
    date: date
    code: str
    description: str
    tags: dict[str, str] = field(default_factory=dict)
    postings: list[tuple[str, Decimal]] = field(default_factory=list)


@dataclass
class Journal:
    transactions: list[JournalTransaction] = field(default_factory=list)
    balances: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    commodity: str = ""


def read_journal(text: str) -> Journal:
    """What the journal says. Raises `ValueError` for a line that is none, a transaction that does
    not sum to zero, an assertion that fails.
    """
    journal = Journal()
    for line in text.split("\n"):
        if not line or line[0] == ";" or line == "decimal-mark .":
            continue
        if line.startswith("commodity "):
            journal.commodity = line.split()[-1]
        elif not line[0].isspace():
            journal.transactions.append(_transaction(line))
        elif line.lstrip().startswith(";"):
            journal.transactions[-1].tags |= dict(
                tag.strip().split(":", 1) for tag in line.lstrip()[1:].split(",")
            )
        else:
            _post(journal, line)
    for one in journal.transactions:
        if sum(amount for _, amount in one.postings):
            raise ValueError(f"not balanced: {one}")
    return journal


def _transaction(line: str) -> JournalTransaction:
    match = _TRANSACTION.fullmatch(line)
    if match is None:
        raise ValueError(f"no transaction: {line!r}")
    return JournalTransaction(
        date.fromisoformat(match["date"]), match["code"] or "", match["description"] or ""
    )


def _post(journal: Journal, line: str) -> None:
    match = _POSTING.fullmatch(line)
    if match is None or match["commodity"] != journal.commodity:
        raise ValueError(f"no posting: {line!r}")
    account, amount = match["account"], Decimal(match["amount"])
    journal.transactions[-1].postings.append((account, amount))
    journal.balances[account] += amount
    if match["balance"] is not None and journal.balances[account] != Decimal(match["balance"]):
        raise ValueError(f"{journal.balances[account]} is asserted otherwise: {line!r}")
