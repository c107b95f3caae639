"""A hold: money that is set aside on its account until it is captured, voided, or expires."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from core.entities.account import AccountKey

MAX_HOLD_SECONDS: Final = 10 * 366 * 24 * 3600
"""Ten years: nobody means to set money aside for longer."""


class HoldStatus(StrEnum):
    """What became of a hold. All but the first are for ever."""

    OPEN = "open"
    CAPTURED = "captured"
    VOIDED = "voided"
    EXPIRED = "expired"


class HoldPlace(NamedTuple):
    """Where a hold stands among its user's: by time, and by id within one moment."""

    placed_at: datetime
    hold_id: UUID


class Hold(NamedTuple):
    """State of a hold. Money in minor units of the account's currency.

    `hold_id` is the id of the transaction that placed it. `to_user_id` is who gets what is
    captured; None is the house. Without `expires_at` it lasts until somebody ends it.
    """

    hold_id: UUID
    account: AccountKey
    amount: int
    exponent: int
    to_user_id: str | None
    expires_at: datetime | None
    placed_at: datetime
    captured: int = 0
    status: HoldStatus = HoldStatus.OPEN

    @property
    def remaining(self) -> int:
        """What it still holds."""
        return self.amount - self.captured if self.status is HoldStatus.OPEN else 0

    def is_over(self, at: datetime) -> bool:
        """Whether its time has passed, whether or not it was expired already."""
        return self.expires_at is not None and at > self.expires_at

    def status_at(self, at: datetime) -> HoldStatus:
        """What it is by then: expired once its time has passed."""
        is_open = self.status is HoldStatus.OPEN
        return HoldStatus.EXPIRED if is_open and self.is_over(at) else self.status
