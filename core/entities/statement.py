"""A statement: an account's entries in order, with the balances around them."""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from core.entities.account import AccountKey
from core.entities.orders import CommandType

MAX_ENTRIES_LOOKED_AT: Final = 2_000
"""For one page, where only entries of one type are wanted."""
_CURSOR: Final = struct.Struct(">Bqq8s")
_CURSOR_VERSION: Final = 1


class StatementOrder(StrEnum):
    """Newest first, or oldest first."""

    DESCENDING = "desc"
    ASCENDING = "asc"


class StatementEntry(NamedTuple):
    """An entry as its account's owner sees it. Money in minor units."""

    sequence: int
    transaction_id: UUID
    type: CommandType
    amount: int
    balance_after: int
    posted_at: datetime
    reference: str | None
    other_user_id: str | None = None
    """Who is on the other side; None is the house."""
    reverses: UUID | None = None
    """The transaction that this one takes back."""
    hold_id: UUID | None = None
    """The hold that a capture is of."""


class Period(NamedTuple):
    """The entries of a stretch of time: sequences `first` to `last`, none if `last` < `first`."""

    first_sequence: int
    last_sequence: int
    opening_balance: int
    closing_balance: int


class StatementHead(NamedTuple):
    """What is known of a whole period's statement before its first entry is read.

    Its entries are the sequences `first_sequence` to `last_sequence`, none if `last_sequence` is
    the lesser. `since` is included, `until` is not; None is unbounded. Money in minor units.
    """

    account: AccountKey
    since: datetime | None
    until: datetime | None
    first_sequence: int
    last_sequence: int
    opening_balance: int
    closing_balance: int
    opened_at: datetime
    produced_at: datetime

    @property
    def entry_count(self) -> int:
        """How many entries there are."""
        return max(0, self.last_sequence - self.first_sequence + 1)

    @property
    def starts_at(self) -> datetime:
        """The time of the opening balance: `since`, or when the account was opened."""
        return self.since or self.opened_at

    @property
    def ends_at(self) -> datetime:
        """The time of the closing balance: `until`, or what is known now, never before the start.

        What comes between `produced_at` and a later `until` is not known yet.
        """
        ends_at = self.produced_at if self.until is None else min(self.until, self.produced_at)
        return max(ends_at, self.starts_at)


@dataclass(frozen=True, slots=True)
class StatementQuery:
    """Which entries: `since` is included, `until` is not; None is unbounded."""

    account: AccountKey
    limit: int
    since: datetime | None = None
    until: datetime | None = None
    type: CommandType | None = None
    order: StatementOrder = StatementOrder.DESCENDING
    cursor: "StatementCursor | None" = None

    def digest(self) -> bytes:
        """Eight bytes that bind a cursor to the query that it continues (all but the limit)."""
        period = (str(self.since), str(self.until))
        parts = (*map(str, self.account), *period, str(self.type), self.order)
        return hashlib.sha256("\0".join(parts).encode()).digest()[:8]


class StatementCursor(NamedTuple):
    """Where the next page begins, and the last sequence of the statement as first asked for.

    The latter keeps later pages, and the closing balance, free of entries that came since.
    """

    next_sequence: int
    last_sequence: int
    query_digest: bytes

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(_CURSOR.pack(_CURSOR_VERSION, *self)).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "StatementCursor":
        """The cursor in `text`; `ValueError` if it is none of ours."""
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            version, next_sequence, last_sequence, digest = _CURSOR.unpack(packed)
        except (binascii.Error, struct.error, ValueError):
            raise ValueError("must be a next_cursor of an earlier answer") from None
        if version != _CURSOR_VERSION:
            raise ValueError("must be a next_cursor of an earlier answer")
        return cls(next_sequence, last_sequence, digest)


class BalanceAt(NamedTuple):
    """An account's balance after all that was posted up to a moment, in minor units.

    `sequence` and `last_entry_at` are the last entry's by then: 0 and None if there was none.
    """

    account: AccountKey
    balance: int
    sequence: int
    last_entry_at: datetime | None


class Statement(NamedTuple):
    """One page of a statement with the opening and closing balance of its whole period.

    Where only one type is wanted, a page may have fewer entries than it could, even none: it ends
    where `MAX_ENTRIES_LOOKED_AT` were looked at.
    """

    account: AccountKey
    entries: tuple[StatementEntry, ...]
    opening_balance: int
    closing_balance: int
    next_cursor: StatementCursor | None
