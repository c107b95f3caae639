"""Lists of transactions in the order of posting, and what keeps their place.

Pages of one partition are stored one after the other, those of several side by side: a page with a
lesser number may appear after one with a greater. So a place in the list is not one number but says
for each partition which pages were seen.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from core.entities.orders import CommandType
from core.entities.transaction import Transaction, TransactionStatus

MAX_TRANSACTIONS_LOOKED_AT: Final = 2_000
"""In each partition, for one page of a list, however few of them are wanted."""
MAX_ENTRIES_LISTED: Final = 5_000
"""A page ends with the transaction that brings so many: some have two hundred."""
MAX_LOG_OFFSET: Final = 10**18 - 1
"""No log gets that long."""


class TransactionFilter(NamedTuple):
    """Which transactions; None is any.

    `user_id`: those of a user's own commands, and those that moved the user's money or ended a hold
    of it. `since` (included) and `until` (not) are about the log's time of the command.
    """

    user_id: str | None = None
    reference: str | None = None
    type: CommandType | None = None
    status: TransactionStatus | None = None
    since: datetime | None = None
    until: datetime | None = None


class ListPlace(NamedTuple):
    """Where a transaction stands: its page, and its record in the log within it."""

    page_number: int
    log_offset: int


def end_of_page(page_number: int) -> ListPlace:
    """The place behind all transactions of a page."""
    return ListPlace(page_number, MAX_LOG_OFFSET)


class PageRange(NamedTuple):
    """What comes after a place, up to the end of a page."""

    after: ListPlace
    through: int


class Stretch(NamedTuple):
    """A part of the list: of each partition a range, and of all of it what is before a place."""

    ranges: Mapping[int, PageRange]
    before: ListPlace | None = None
    descending: bool = False


class Found(NamedTuple):
    """Transactions of a stretch. `reached` is the last place that was looked at; None if that was
    the end of the stretch.
    """

    transactions: Sequence[Transaction]
    reached: ListPlace | None
