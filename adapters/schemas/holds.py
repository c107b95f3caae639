"""Holds as they are shown."""

from msgspec import Struct

from adapters.schemas.fields import AmountText, CurrencyCode, HoldId, Time, UserId
from core.entities.hold import HoldStatus


class Hold(Struct, kw_only=True):
    """Money that is set aside. Without `to_user_id`, the house gets what is captured."""

    hold_id: HoldId
    status: HoldStatus
    user_id: UserId
    to_user_id: UserId | None
    currency: CurrencyCode
    amount: AmountText
    captured: AmountText
    remaining: AmountText
    placed_at: Time
    expires_at: Time | None
