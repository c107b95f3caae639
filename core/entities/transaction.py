"""A transaction: what became of a command. Written once, never changed."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from core.entities.account import AccountKey
from core.entities.command import Command
from core.entities.money import Money
from core.entities.orders import place_of
from core.entities.position import Position

_NO_FIGURES: Final[Mapping[str, int]] = MappingProxyType({})
_NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})


class RejectionCode(StrEnum):
    """Why a command changed nothing. The closed set of refusals that posting can give."""

    ACCOUNT_NOT_FOUND = "account_not_found"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    BALANCE_LIMIT_EXCEEDED = "balance_limit_exceeded"
    ACCOUNT_FROZEN = "account_frozen"
    ACCOUNT_CLOSED = "account_closed"
    BALANCE_NOT_ZERO = "balance_not_zero"
    OVERDRAFT_IN_USE = "overdraft_in_use"
    HOLD_NOT_FOUND = "hold_not_found"
    HOLD_CLOSED = "hold_closed"
    HOLD_EXCEEDED = "hold_exceeded"
    TRANSACTION_NOT_FOUND = "transaction_not_found"
    NOT_REVERSIBLE = "not_reversible"
    REVERSAL_EXCEEDED = "reversal_exceeded"
    SAME_ACCOUNT = "same_account"
    INVALID_AMOUNT = "invalid_amount"
    DISCARDED = "discarded"


class Rejection(NamedTuple):
    """A refusal and what explains it: `figures` in minor units of `currency`, and `facts`."""

    code: RejectionCode
    figures: Mapping[str, int] = _NO_FIGURES
    currency: str | None = None
    facts: Mapping[str, str] = _NO_FACTS


class TransactionStatus(StrEnum):
    """The two ways in which a command is decided."""

    POSTED = "posted"
    REJECTED = "rejected"


# An enumeration's members take as long to look up as a small function to run.
_POSTED: Final = TransactionStatus.POSTED
_REJECTED: Final = TransactionStatus.REJECTED


class Entry(NamedTuple):
    """One leg of a posted transaction on one account.

    `amount` is signed, in minor units. `sequence` counts an account's entries from 1, gap-free.
    """

    account: AccountKey
    sequence: int
    amount: int
    balance_after: int
    posted_at: datetime


class Transaction(NamedTuple):
    """A decided command. A rejected one has no `entries`; one that moves no money has none, too.

    `money` is what was moved, held, freed or reversed, as far as there is one such amount; of a
    rejected command, what it named. `hold_user_id` is whose hold a command named, which says no
    more than its id; None where there is no such hold, and of all other commands.
    """

    command: Command
    position: Position
    accepted_at: datetime
    posted_at: datetime
    money: Money | None
    entries: tuple[Entry, ...]
    rejection: Rejection | None
    hold_user_id: str | None = None

    @property
    def user_id(self) -> str | None:
        """Whose command it is, or whose hold it is about; None of reversals and discards."""
        place = place_of(self.command.order)
        return place if isinstance(place, str) else self.hold_user_id

    @property
    def parties(self) -> set[str]:
        """The users, beside that one, whose money was moved."""
        users = {one.account.user_id for one in self.entries if not one.account.is_settlement}
        return users - {self.user_id}

    @property
    def status(self) -> TransactionStatus:
        """Posted, or rejected."""
        return _POSTED if self.rejection is None else _REJECTED
