"""What a check of the books finds: a figure that is not what the others say it must be."""

from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from core.entities.account import AccountKey


class Figure(StrEnum):
    """What can be off. The value is its name wherever findings are told."""

    BALANCE = "balance"
    """An account's balance is not the sum of its entries."""
    SEQUENCE = "sequence"
    """An account has more, or fewer, entries than it counted."""
    LAST_ENTRY_AT = "last_entry_at"
    """An account's last entry is not of the time that the account says."""
    HELD = "held"
    """What an account has set aside is not what its open holds still hold."""
    OVERDRAFT_LIMIT = "overdraft_limit"
    """An account's limit is not the one that it was given last."""
    STATUS = "status"
    """An account's status is not the one that it was given last."""
    AVAILABLE = "available"
    """An account is below its limit."""
    OVERDRAFT = "overdraft"
    """An entry left its account below the largest limit that it ever had."""
    ENTRY_SEQUENCE = "entry_sequence"
    """An account's entries have a gap before this one, or are out of order."""
    BALANCE_AFTER = "balance_after"
    """A running balance is not the one before and the entry's amount."""
    POSTED_AT = "posted_at"
    """An entry is of a time before the entry that it follows."""
    ENTRY = "entry"
    """An entry that its transaction has is not there, or one is there that none has."""
    ENTRY_ACCOUNT = "entry_account"
    """An entry is on another account than its transaction says."""
    ENTRY_AMOUNT = "entry_amount"
    """An entry's amount is not what its transaction says: its entries do not sum to zero."""
    ENTRY_OFFSET = "entry_offset"
    """An entry lies elsewhere in the log than its transaction."""
    LOG_OFFSET = "log_offset"
    """A transaction lies outside of its page's stretch of the log."""
    REVERSED = "reversed"
    """More of a transaction was reversed than there was."""
    HOLD = "hold"
    """A hold that was placed is not there."""
    HOLD_ACCOUNT = "hold_account"
    """A hold is on another account than it was placed on."""
    HOLD_AMOUNT = "hold_amount"
    """A hold is of another amount than was set aside."""
    HOLD_CAPTURED = "hold_captured"
    """A hold's captures do not come to what it says."""
    HOLD_STATUS = "hold_status"
    """A hold's status does not follow from its transactions."""
    PAGE = "page"
    """A page of which there are transactions is not there."""
    TRANSACTION_COUNT = "transaction_count"
    """A page does not have as many transactions as it counted."""
    ENTRY_COUNT = "entry_count"
    """A page does not have as many entries as it counted."""
    FIRST_OFFSET = "first_offset"
    """A page does not begin where the one before it ended."""
    NEXT_OFFSET = "next_offset"
    """A partition's position is not where its last page ended."""

    HEAD = "head"
    """A page's head does not follow from the head before and from what the page decided."""

    SIGNED_HEAD = "signed_head"
    """A page does not end where it ended, or its chain stood elsewhere, when that was signed."""
    SIGNATURE = "signature"
    """A head was not signed by the key that is said to have signed it."""
    SIGNING_KEY = "signing_key"
    """A head was signed by a key that is none of those that were given."""

    REPLAY = "replay"
    """A page cannot be posted again from the log."""
    DEAD_LETTERS = "dead_letters"
    """Other records of a page are dead letters than were condemned."""
    TRANSACTION = "transaction"
    """A transaction is not what comes of its record."""
    ACCOUNT = "account"
    """An account is there that must not be, or is not that must."""
    OPENED_AT = "opened_at"
    """An account was opened at another time."""
    METADATA = "metadata"
    """An account's metadata is not what it was given last."""

    @property
    def is_money(self) -> bool:
        """Whether it is an amount, in minor units of the account's currency."""
        return self in _MONEY


_MONEY: Final = frozenset(
    {
        Figure.BALANCE,
        Figure.HELD,
        Figure.OVERDRAFT_LIMIT,
        Figure.AVAILABLE,
        Figure.OVERDRAFT,
        Figure.BALANCE_AFTER,
        Figure.ENTRY,
        Figure.ENTRY_AMOUNT,
        Figure.HOLD_AMOUNT,
        Figure.HOLD_CAPTURED,
    }
)


class Finding(NamedTuple):
    """A figure that is off, and where, as far as that can be told.

    `due` is what it must be by all the others and `found` what it is, each as text: money in minor
    units, times in RFC 3339. None is nothing at all. `page_number` is that of the page
    that wrote the entry or the transaction; of an account, that of its last entry.
    """

    figure: Figure
    due: str | None
    found: str | None
    account: AccountKey | None = None
    sequence: int | None = None
    transaction_id: UUID | None = None
    page_number: int | None = None
