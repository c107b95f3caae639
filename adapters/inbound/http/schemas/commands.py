"""The bodies of commands. Their fields are those that `order_bodies` takes, and no others."""

from typing import Annotated

from msgspec import Meta, Struct

from adapters.inbound.http.schemas.inputs import (
    AmountInput,
    OptionalAmountInput,
    OptionalLimitInput,
    OptionalSecondsInput,
)
from adapters.schemas.fields import CurrencyCode, Metadata, Reference, Time, UserId
from core.entities.account import AccountStatus
from core.entities.command import MAX_TRANSFER_LEGS


class _Body(Struct, kw_only=True, forbid_unknown_fields=True):
    reference: Reference | None = None
    metadata: Metadata | None = None


class DepositBody(_Body):
    """Money comes in."""

    user_id: UserId
    amount: AmountInput
    currency: CurrencyCode | None = None


class WithdrawalBody(_Body):
    """Money goes out."""

    user_id: UserId
    amount: AmountInput
    currency: CurrencyCode | None = None


class LegBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """So much from one user to another one."""

    from_user_id: UserId
    to_user_id: UserId
    amount: AmountInput
    currency: CurrencyCode | None = None


class TransferBody(_Body):
    """Money goes from one user to another one."""

    from_user_id: UserId
    to_user_id: UserId
    amount: AmountInput
    currency: CurrencyCode | None = None


class TransferLegsBody(_Body):
    """All legs, in their order, or none."""

    legs: Annotated[list[LegBody], Meta(min_length=1, max_length=MAX_TRANSFER_LEGS)]


class HoldBody(_Body):
    """Money is set aside, until one of `expires_in` and `expires_at`, or until it is ended."""

    user_id: UserId
    amount: AmountInput
    currency: CurrencyCode | None = None
    to_user_id: UserId | None = None
    expires_in: OptionalSecondsInput = None
    expires_at: Time | None = None


class CaptureBody(_Body):
    """Held money goes to `to_user_id`, or to the hold's, or to the house."""

    amount: OptionalAmountInput = None
    to_user_id: UserId | None = None
    final: Annotated[bool | None, Meta(description="Whether the rest of the hold comes free.")] = (
        True
    )


class VoidBody(_Body):
    """What is left of a hold comes free."""


class ReverseBody(_Body):
    """The opposite of an earlier transaction."""

    amount: OptionalAmountInput = None


class AccountBody(_Body):
    """What is not given stays as it is. `metadata` replaces the account's as a whole."""

    currency: CurrencyCode | None = None
    overdraft_limit: OptionalLimitInput = None
    status: AccountStatus | None = None
