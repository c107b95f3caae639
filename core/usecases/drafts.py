"""What clients write: nothing is checked yet but its JSON types.

Amounts are the texts of their numbers; of everything that may be left out, None says that it was.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple


class DepositDraft(NamedTuple):
    """`POST /deposit`."""

    user_id: str
    amount: str
    currency: str | None = None


class WithdrawalDraft(NamedTuple):
    """`POST /withdraw`."""

    user_id: str
    amount: str
    currency: str | None = None


class LegDraft(NamedTuple):
    """A leg of a transfer."""

    from_user_id: str
    to_user_id: str
    amount: str
    currency: str | None = None


class TransferDraft(NamedTuple):
    """`POST /transfer`. `one_leg` says that its fields were those of the body itself."""

    legs: tuple[LegDraft, ...]
    one_leg: bool = False


class HoldDraft(NamedTuple):
    """`POST /hold`. `expires_in` is the text of a number of seconds."""

    user_id: str
    amount: str
    currency: str | None = None
    to_user_id: str | None = None
    expires_in: str | None = None
    expires_at: datetime | None = None


class CaptureDraft(NamedTuple):
    """`POST /hold/{id}/capture`."""

    hold_id: str
    amount: str | None = None
    to_user_id: str | None = None
    final: bool = True


class VoidDraft(NamedTuple):
    """`POST /hold/{id}/void`."""

    hold_id: str


class ReverseDraft(NamedTuple):
    """`POST /transactions/{id}/reverse`."""

    transaction_id: str
    amount: str | None = None


class AccountDraft(NamedTuple):
    """`PATCH /accounts/{user_id}`."""

    user_id: str
    currency: str | None = None
    overdraft_limit: str | None = None
    status: str | None = None
    metadata: Mapping[str, str] | None = None


OrderDraft = (
    DepositDraft
    | WithdrawalDraft
    | TransferDraft
    | HoldDraft
    | CaptureDraft
    | VoidDraft
    | ReverseDraft
    | AccountDraft
)


class CommandDraft(NamedTuple):
    """An order, and what goes with any of them. `item` is its number in its batch where the key is
    the batch's, which then covers no other item.
    """

    order: OrderDraft
    reference: str | None
    metadata: Mapping[str, str] | None
    client: str
    idempotency_key: str | None
    request_id: str
    item: int | None = None
