"""An account: one user's money in one currency, or the house's side of it."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from core.entities.shard import shard_of

MAX_USER_ID_CHARACTERS: Final = 128
_USER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}", re.ASCII)
_HOUSE: Final = "@"
"""What no user id begins with."""
_MAX_REMEMBERED: Final = 1 << 16


class AccountKey(NamedTuple):
    """Identity and place of an account. Keys sort in the order in which rows are locked."""

    shard: int
    user_id: str
    currency: str

    @property
    def is_settlement(self) -> bool:
        """True for the house's side, which no client can name."""
        return self.user_id[0] == _HOUSE


class AccountStatus(StrEnum):
    """What an account may do: all, or not everything, or nothing."""

    OPEN = "open"
    FROZEN_DEBITS = "frozen_debits"
    FROZEN_CREDITS = "frozen_credits"
    FROZEN = "frozen"
    CLOSED = "closed"


class Account(NamedTuple):
    """State of an account. Money in minor units of the key's currency.

    An account that does not exist yet has no `opened_at`; one without entries has `sequence` 0.
    """

    key: AccountKey
    balance: int = 0
    held: int = 0
    overdraft_limit: int = 0
    status: AccountStatus = AccountStatus.OPEN
    sequence: int = 0
    opened_at: datetime | None = None
    last_entry_at: datetime | None = None
    metadata: Mapping[str, str] | None = None

    @property
    def available(self) -> int:
        """What can be withdrawn now: balance − held + overdraft limit."""
        return self.balance - self.held + self.overdraft_limit


def is_user_id(text: str) -> bool:
    """True for 1 to 128 ASCII letters, digits and `._:@+-` that begin with a letter or digit."""
    # What is remembered is bounded in size, too.
    return len(text) <= MAX_USER_ID_CHARACTERS and _is_user_id(text)


@lru_cache(_MAX_REMEMBERED)
def _is_user_id(text: str) -> bool:
    return _USER_ID.fullmatch(text) is not None


@lru_cache(_MAX_REMEMBERED)
def user_account(user_id: str, currency: str) -> AccountKey:
    """The key of a user's account."""
    return AccountKey(shard_of(user_id), user_id, currency)


@lru_cache(_MAX_REMEMBERED)
def settlement_account(partition: int, currency: str) -> AccountKey:
    """The house's account for one partition, so that no two workers fight for its row.

    Its shard is the partition's own number, which belongs to that partition by construction.
    """
    return AccountKey(partition, f"{_HOUSE}settlement:{partition}", currency)
