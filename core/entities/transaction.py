"""A transaction: what became of a command. Written once, never changed."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from core.entities.account import AccountKey
from core.entities.command import Command
from core.entities.position import Position


class RejectionCode(StrEnum):
    """Why a command moved no money. The closed set of refusals that posting can give."""

    ACCOUNT_NOT_FOUND = "account_not_found"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    BALANCE_LIMIT_EXCEEDED = "balance_limit_exceeded"


class Rejection(NamedTuple):
    """A refusal and the figures that explain it, in minor units of the command's currency."""

    code: RejectionCode
    figures: Mapping[str, int]


class TransactionStatus(StrEnum):
    """The two ways in which a command is decided."""

    POSTED = "posted"
    REJECTED = "rejected"


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
    """A decided command. `entries` is empty exactly when there is a `rejection`."""

    command: Command
    position: Position
    accepted_at: datetime
    posted_at: datetime
    entries: tuple[Entry, ...]
    rejection: Rejection | None

    @property
    def status(self) -> TransactionStatus:
        """Posted, or rejected."""
        if self.rejection is None:
            return TransactionStatus.POSTED
        return TransactionStatus.REJECTED

    @property
    def client_entries(self) -> tuple[Entry, ...]:
        """The entries that clients see: the house's side is not theirs."""
        return tuple([entry for entry in self.entries if not entry.account.is_settlement])
