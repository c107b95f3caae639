"""A journal for hledger, the plain-text accounting program."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.representations import Representations, time_text
from adapters.statements.format import EntryRuns
from adapters.statements.plain_text import one_line
from adapters.statements.streaming import streamed
from adapters.statements.wording import wording
from core.entities.statement import StatementEntry, StatementHead

_HOUSE: Final = "equity:house"
_OPENING: Final = "equity:opening balance"
# In a description `;` would begin a comment, and `|` end the payee's name.
_LOOK_ALIKES: Final = str.maketrans(
    {";": "\N{FULLWIDTH SEMICOLON}", "|": "\N{FULLWIDTH VERTICAL LINE}"}
)


@dataclass(frozen=True, slots=True)
class HledgerFormat:
    """A transaction for each entry, dated in UTC, with the balance after it as an assertion.

    The account is `assets:USER_ID`, the other side `equity:user:USER_ID` or `equity:house`; a
    colon in a user id, which would part the account's name, is `%3A`. In references `;` and `|`
    become their full-width look-alikes.
    """

    representations: Representations

    name = "hledger"
    content_type = "text/x-hledger; charset=utf-8"
    extension = "journal"

    def write(self, head: StatementHead, runs: EntryRuns) -> AsyncIterator[bytes]:
        """The file, piece by piece."""
        journal = _Journal(head, self.representations.amounts(head.account.currency))
        return streamed(journal.beginning(), journal.transactions, "", runs)


@dataclass(frozen=True, slots=True)
class _Journal:
    head: StatementHead
    amount: Callable[[int], str]

    def beginning(self) -> str:
        head = self.head
        user_id, currency = head.account.user_id, head.account.currency
        sample = self.amount(0)
        # The directive wants a decimal mark even where there are no decimals.
        sample = sample if "." in sample else f"{sample}."
        return (
            f"; Statement of {user_id} in {currency}, {time_text(head.starts_at)} to "
            f"{time_text(head.ends_at)}, produced {time_text(head.produced_at)}\n"
            f"decimal-mark .\ncommodity {sample} {currency}\n{self._opening()}"
        )

    def transactions(self, entries: Sequence[StatementEntry]) -> str:
        return "".join([self._transaction(entry) for entry in entries])

    def _opening(self) -> str:
        balance = self.head.opening_balance
        if balance == 0:
            return ""
        postings = self._postings(balance, balance, _OPENING)
        return f"\n{_date(self.head.starts_at)} * opening balance\n{postings}"

    def _transaction(self, entry: StatementEntry) -> str:
        other = entry.other_user_id
        postings = self._postings(
            entry.amount,
            entry.balance_after,
            _HOUSE if other is None else _account("equity:user", other),
        )
        return (
            f"\n{_date(entry.posted_at)} * ({entry.transaction_id}) {_description(entry)}\n"
            f"{_tags(entry)}{postings}"
        )

    def _postings(self, amount: int, balance: int, other_account: str) -> str:
        account, currency = (
            _account("assets", self.head.account.user_id),
            self.head.account.currency,
        )
        text = self.amount
        return (
            f"    {account}  {text(amount)} {currency} = {text(balance)} {currency}\n"
            f"    {other_account}  {text(-amount)} {currency}\n"
        )


def _account(parent: str, user_id: str) -> str:
    return f"{parent}:{user_id.replace(':', '%3A')}"


def _description(entry: StatementEntry) -> str:
    """`Payee | note`: what it was, and the reference."""
    if entry.reference is None:
        return wording(entry)
    return f"{wording(entry)} | {one_line(entry.reference).translate(_LOOK_ALIKES)}"


def _tags(entry: StatementEntry) -> str:
    tags = [
        ("sequence", str(entry.sequence)),
        ("posted_at", time_text(entry.posted_at)),
        ("type", entry.type.value),
        ("reverses", entry.reverses),
        ("hold_id", entry.hold_id),
    ]
    told = ", ".join([f"{name}:{value}" for name, value in tags if value is not None])
    return f"    ; {told}\n"


def _date(time: datetime) -> str:
    return time.astimezone(UTC).date().isoformat()
