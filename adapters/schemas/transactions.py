"""Transactions as they are shown: in answers, and as events."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from adapters.schemas.explanation import EXPLANATION
from adapters.schemas.fields import (
    AmountText,
    CurrencyCode,
    HoldId,
    Metadata,
    PositionText,
    Reference,
    Sequence,
    Time,
    TransactionId,
    UserId,
)
from core.entities.account import AccountStatus
from core.entities.orders import CommandType
from core.entities.transaction import RejectionCode


class Entry(Struct, kw_only=True):
    """One leg of a posted transaction on one account; negative where money leaves."""

    user_id: UserId
    currency: CurrencyCode
    amount: AmountText
    sequence: Sequence
    balance_after: AmountText


class TransferLeg(Struct, kw_only=True):
    """So much from one user to another one."""

    from_user_id: UserId
    to_user_id: UserId
    amount: AmountText
    currency: CurrencyCode


class AccountChange(Struct, kw_only=True):
    """What a change of an account named."""

    overdraft_limit: AmountText | UnsetType = UNSET
    status: AccountStatus | UnsetType = UNSET
    metadata: Metadata | UnsetType = UNSET


class _Decided(Struct, kw_only=True, tag_field="status"):
    """What every decided transaction has, and what each type adds to it."""

    transaction_id: TransactionId
    type: CommandType
    reference: Reference | None
    metadata: Metadata | None
    position: PositionText
    accepted_at: Annotated[Time, Meta(description="The log's time of the command.")]
    posted_at: Annotated[Time, Meta(description="The entries' time; statements go by it.")]

    user_id: Annotated[
        UserId | UnsetType, Meta(description="Of deposit, withdraw, hold, account.")
    ] = UNSET
    amount: Annotated[
        AmountText | UnsetType,
        Meta(description="What was moved, held, freed or reversed, where there is one amount."),
    ] = UNSET
    currency: CurrencyCode | UnsetType = UNSET
    legs: Annotated[list[TransferLeg] | UnsetType, Meta(description="Of transfer.")] = UNSET
    to_user_id: Annotated[
        UserId | UnsetType | None, Meta(description="Of hold and capture; null is the house.")
    ] = UNSET
    expires_at: Annotated[Time | UnsetType | None, Meta(description="Of hold.")] = UNSET
    hold_id: Annotated[HoldId | UnsetType, Meta(description="Of capture, void and expire.")] = UNSET
    hold_user_id: Annotated[
        UserId | UnsetType | None,
        Meta(description="Of capture, void and expire: whose hold it is; null if there is none."),
    ] = UNSET
    final: Annotated[
        bool | UnsetType, Meta(description="Of capture: whether it freed what it left.")
    ] = UNSET
    reverses: Annotated[TransactionId | UnsetType, Meta(description="Of reverse.")] = UNSET
    account: Annotated[AccountChange | UnsetType, Meta(description="Of account.")] = UNSET
    discards: Annotated[
        PositionText | UnsetType,
        Meta(description="Of discard: where the record lies that an operator gave up."),
    ] = UNSET


class PostedTransaction(_Decided, tag="posted"):
    """A command that was done."""

    entries: Annotated[
        list[Entry],
        Meta(description="Of clients' accounts alone; empty where no money moved."),
    ]


RejectedTransaction: Final = defstruct(
    "RejectedTransaction",
    [("code", RejectionCode), *EXPLANATION],
    bases=(_Decided,),
    tag="rejected",
    kw_only=True,
    namespace={"__doc__": "A command that changed nothing, and why."},
)


class PendingTransaction(Struct, kw_only=True, tag_field="status", tag="pending"):
    """A command that is accepted and not decided yet."""

    transaction_id: TransactionId
    position: PositionText | UnsetType = UNSET
    code: Annotated[
        Literal["held_for_operator"] | UnsetType,
        Meta(description="The record could not be read: an operator has to look at it."),
    ] = UNSET


DecidedTransaction: Final = PostedTransaction | RejectedTransaction
Transaction: Final = PostedTransaction | RejectedTransaction | PendingTransaction
