"""Accounts as they are shown."""

from msgspec import Struct

from adapters.schemas.fields import AmountText, CurrencyCode, Metadata, Sequence, Time, UserId
from core.entities.account import AccountStatus


class Account(Struct, kw_only=True):
    """One user's money in one currency: available is balance − held + overdraft limit."""

    user_id: UserId
    currency: CurrencyCode
    status: AccountStatus
    balance: AmountText
    held: AmountText
    overdraft_limit: AmountText
    available: AmountText
    sequence: Sequence
    metadata: Metadata | None
    opened_at: Time | None
    last_entry_at: Time | None
