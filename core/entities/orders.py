"""Orders: what a command tells the ledger to do, one shape for each verb of the API.

An order says everything that deciding it takes, but for what the books know. An amount whose
currency only the books know (of a hold, of an earlier transaction) is a `Decimal`, exactly as it
was written.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from core.entities.account import AccountStatus
from core.entities.money import Money
from core.entities.position import Position


class CommandType(StrEnum):
    """The verbs of the API, and `expire` and `discard`, which no client can ask for.

    Also the `type` of the transaction that a command becomes.
    """

    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"
    TRANSFER = "transfer"
    HOLD = "hold"
    CAPTURE = "capture"
    VOID = "void"
    EXPIRE = "expire"
    REVERSE = "reverse"
    ACCOUNT = "account"
    DISCARD = "discard"


class Deposit(NamedTuple):
    """Money comes in, from the house."""

    user_id: str
    money: Money


class Withdrawal(NamedTuple):
    """Money goes out, to the house."""

    user_id: str
    money: Money


class TransferLeg(NamedTuple):
    """Money goes from one user to another one."""

    from_user_id: str
    to_user_id: str
    money: Money


class Transfer(NamedTuple):
    """All legs, in their order, or none."""

    legs: tuple[TransferLeg, ...]


class PlaceHold(NamedTuple):
    """Money is set aside. The hold's id is that of the command's transaction.

    At most one of `expires_in` (seconds from the record's time) and `expires_at` is given; without
    either the hold lasts until it is captured or voided. `to_user_id` is who gets what is captured,
    unless the capture says otherwise; None is the house.
    """

    user_id: str
    money: Money
    to_user_id: str | None = None
    expires_in: int | None = None
    expires_at: datetime | None = None

    def ends_at(self, recorded_at: datetime) -> datetime | None:
        """When the hold is over, if its record is of this time."""
        if self.expires_in is not None:
            return recorded_at + timedelta(seconds=self.expires_in)
        return self.expires_at


class CaptureHold(NamedTuple):
    """Held money goes to whom it was held for: all that is left of it, or `amount`.

    A `final` capture frees what it leaves.
    """

    hold_id: UUID
    amount: Decimal | None = None
    to_user_id: str | None = None
    final: bool = True


class VoidHold(NamedTuple):
    """What is left of a hold is free again."""

    hold_id: UUID


class ExpireHold(NamedTuple):
    """The same, since its time is over. The processor asks for it, no client can."""

    hold_id: UUID


class Reverse(NamedTuple):
    """The opposite of an earlier transaction: of all that is left of it, or of `amount`."""

    reversed_id: UUID
    amount: Decimal | None = None


class ChangeAccount(NamedTuple):
    """New properties of an account, which opens if it must. None leaves a property as it is.

    `overdraft_limit` is in minor units. `metadata` replaces the account's as a whole.
    """

    user_id: str
    currency: str
    overdraft_limit: int | None = None
    status: AccountStatus | None = None
    metadata: Mapping[str, str] | None = None


class Discard(NamedTuple):
    """A dead letter is given up, by an operator, who says why: nothing will ever come of it.

    Its id is that of the command's own transaction, which takes the place of what the record would
    have become. `position` is where the record lies.
    """

    dead_letter_id: UUID
    position: Position
    reason: str


Order = (
    Deposit
    | Withdrawal
    | Transfer
    | PlaceHold
    | CaptureHold
    | VoidHold
    | ExpireHold
    | Reverse
    | ChangeAccount
    | Discard
)

_TYPES: dict[type, CommandType] = {
    Deposit: CommandType.DEPOSIT,
    Withdrawal: CommandType.WITHDRAW,
    Transfer: CommandType.TRANSFER,
    PlaceHold: CommandType.HOLD,
    CaptureHold: CommandType.CAPTURE,
    VoidHold: CommandType.VOID,
    ExpireHold: CommandType.EXPIRE,
    Reverse: CommandType.REVERSE,
    ChangeAccount: CommandType.ACCOUNT,
    Discard: CommandType.DISCARD,
}


def type_of(order: Order) -> CommandType:
    """The verb of an order."""
    return _TYPES[type(order)]


def place_of(order: Order) -> str | UUID:
    """What says where the order is decided: a user's shard, or that of an id it names."""
    match order:
        case Deposit() | Withdrawal():
            return order.user_id
        case Transfer():
            return order.legs[0].from_user_id
        case CaptureHold() | VoidHold() | ExpireHold():
            return order.hold_id
        case Reverse():
            return order.reversed_id
        case Discard():
            return order.dead_letter_id
    return order.user_id


def users_named(order: Order) -> tuple[str, ...]:
    """The users that the order names itself."""
    match order:
        case Deposit() | Withdrawal():
            return (order.user_id,)
        case Transfer():
            return tuple(user for leg in order.legs for user in (leg.from_user_id, leg.to_user_id))
        case PlaceHold():
            return (
                (order.user_id,) if order.to_user_id is None else (order.user_id, order.to_user_id)
            )
        case CaptureHold():
            return () if order.to_user_id is None else (order.to_user_id,)
        case VoidHold() | ExpireHold() | Reverse() | Discard():
            return ()
    return (order.user_id,)
