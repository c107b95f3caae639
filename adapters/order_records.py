"""How an order is written as JSON, in the command log and beside its transaction in the books.

An object whose `type` says which of these it is. Amounts are in minor units, but those whose
currency is not known yet are decimal strings. Times are RFC 3339 in UTC.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Final, assert_never
from uuid import UUID

import msgspec
from msgspec import Meta

from core.entities.account import AccountStatus
from core.entities.command import (
    MAX_DISCARD_REASON_CHARACTERS,
    MAX_METADATA_NAME_CHARACTERS,
    MAX_METADATA_PAIRS,
    MAX_METADATA_VALUE_CHARACTERS,
    MAX_TRANSFER_LEGS,
)
from core.entities.hold import MAX_HOLD_SECONDS
from core.entities.money import MAX_AMOUNT_MINOR_UNITS, Money, plain
from core.entities.orders import (
    CaptureHold,
    ChangeAccount,
    Deposit,
    Discard,
    ExpireHold,
    Order,
    PlaceHold,
    Reverse,
    Transfer,
    TransferLeg,
    VoidHold,
    Withdrawal,
)
from core.entities.position import Position

MAX_EXPONENT: Final = 4
"""No currency has more decimals."""

Amount = Annotated[int, Meta(ge=1, le=MAX_AMOUNT_MINOR_UNITS)]
Limit = Annotated[int, Meta(ge=0, le=MAX_AMOUNT_MINOR_UNITS)]
CurrencyCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Exponent = Annotated[int, Meta(ge=0, le=MAX_EXPONENT)]
PositionText = Annotated[str, Meta(pattern=r"^[0-9]{1,5}:[0-9]{1,18}\Z")]
DecimalText = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,40})(\.[0-9]{1,120})?\Z")]
Metadata = Annotated[
    Mapping[
        Annotated[str, Meta(min_length=1, max_length=MAX_METADATA_NAME_CHARACTERS)],
        Annotated[str, Meta(max_length=MAX_METADATA_VALUE_CHARACTERS)],
    ],
    Meta(max_length=MAX_METADATA_PAIRS),
]


class _OrderRecord(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"
):
    pass


class DepositRecord(_OrderRecord, frozen=True, tag="deposit"):
    """A `Deposit`."""

    user_id: str
    amount: Amount
    currency: CurrencyCode
    exponent: Exponent


class WithdrawalRecord(_OrderRecord, frozen=True, tag="withdraw"):
    """A `Withdrawal`."""

    user_id: str
    amount: Amount
    currency: CurrencyCode
    exponent: Exponent


class LegRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `TransferLeg`."""

    from_user_id: str
    to_user_id: str
    amount: Amount
    currency: CurrencyCode
    exponent: Exponent


class TransferRecord(_OrderRecord, frozen=True, tag="transfer"):
    """A `Transfer`."""

    legs: Annotated[list[LegRecord], Meta(min_length=1, max_length=MAX_TRANSFER_LEGS)]


class HoldRecord(_OrderRecord, frozen=True, tag="hold"):
    """A `PlaceHold`."""

    user_id: str
    amount: Amount
    currency: CurrencyCode
    exponent: Exponent
    to_user_id: str | None = None
    expires_in: Annotated[int, Meta(ge=1, le=MAX_HOLD_SECONDS)] | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class CaptureRecord(_OrderRecord, frozen=True, tag="capture"):
    """A `CaptureHold`."""

    hold_id: UUID
    amount: DecimalText | None = None
    to_user_id: str | None = None
    final: bool = True


class VoidRecord(_OrderRecord, frozen=True, tag="void"):
    """A `VoidHold`."""

    hold_id: UUID


class ExpireRecord(_OrderRecord, frozen=True, tag="expire"):
    """An `ExpireHold`."""

    hold_id: UUID


class ReverseRecord(_OrderRecord, frozen=True, tag="reverse"):
    """A `Reverse`."""

    reversed_id: UUID
    amount: DecimalText | None = None


class AccountRecord(_OrderRecord, frozen=True, tag="account"):
    """A `ChangeAccount`."""

    user_id: str
    currency: CurrencyCode
    overdraft_limit: Limit | None = None
    status: AccountStatus | None = None
    metadata: Metadata | None = None


class DiscardRecord(_OrderRecord, frozen=True, tag="discard"):
    """A `Discard`. `position` is written as everywhere: `3:1234`."""

    dead_letter_id: UUID
    position: PositionText
    reason: Annotated[str, Meta(min_length=1, max_length=MAX_DISCARD_REASON_CHARACTERS)]


OrderRecord = (
    DepositRecord
    | WithdrawalRecord
    | TransferRecord
    | HoldRecord
    | CaptureRecord
    | VoidRecord
    | ExpireRecord
    | ReverseRecord
    | AccountRecord
    | DiscardRecord
)


def record_of(order: Order) -> OrderRecord:
    """The order as it is written."""
    record: OrderRecord
    match order:
        case Deposit():
            record = DepositRecord(order.user_id, *order.money)
        case Withdrawal():
            record = WithdrawalRecord(order.user_id, *order.money)
        case Transfer():
            record = TransferRecord(
                [LegRecord(leg.from_user_id, leg.to_user_id, *leg.money) for leg in order.legs]
            )
        case PlaceHold():
            record = HoldRecord(
                order.user_id, *order.money, order.to_user_id, order.expires_in, order.expires_at
            )
        case CaptureHold():
            record = CaptureRecord(
                order.hold_id, _text(order.amount), order.to_user_id, order.final
            )
        case VoidHold():
            record = VoidRecord(order.hold_id)
        case Reverse():
            record = ReverseRecord(order.reversed_id, _text(order.amount))
        case ChangeAccount():
            record = _account_record(order)
        case ExpireHold() | Discard():
            record = _record_no_client_asks_for(order)
        case _:
            assert_never(order)
    return record


def order_of(record: OrderRecord) -> Order:
    """The order that was written."""
    order: Order
    match record:
        case DepositRecord():
            order = Deposit(record.user_id, _money(record))
        case WithdrawalRecord():
            order = Withdrawal(record.user_id, _money(record))
        case TransferRecord():
            order = Transfer(
                tuple(
                    TransferLeg(leg.from_user_id, leg.to_user_id, _money(leg))
                    for leg in record.legs
                )
            )
        case HoldRecord():
            order = PlaceHold(
                record.user_id,
                _money(record),
                record.to_user_id,
                record.expires_in,
                _utc(record.expires_at),
            )
        case CaptureRecord():
            amount = _decimal(record.amount)
            order = CaptureHold(record.hold_id, amount, record.to_user_id, record.final)
        case VoidRecord():
            order = VoidHold(record.hold_id)
        case ReverseRecord():
            order = Reverse(record.reversed_id, _decimal(record.amount))
        case AccountRecord():
            order = ChangeAccount(
                record.user_id,
                record.currency,
                record.overdraft_limit,
                record.status,
                record.metadata,
            )
        case ExpireRecord() | DiscardRecord():
            order = _order_no_client_asks_for(record)
        case _:
            assert_never(record)
    return order


def _record_no_client_asks_for(order: ExpireHold | Discard) -> ExpireRecord | DiscardRecord:
    if isinstance(order, ExpireHold):
        return ExpireRecord(order.hold_id)
    return DiscardRecord(order.dead_letter_id, str(order.position), order.reason)


def _order_no_client_asks_for(record: ExpireRecord | DiscardRecord) -> ExpireHold | Discard:
    if isinstance(record, ExpireRecord):
        return ExpireHold(record.hold_id)
    return Discard(record.dead_letter_id, Position.parse(record.position), record.reason)


def _account_record(order: ChangeAccount) -> AccountRecord:
    return AccountRecord(
        order.user_id,
        order.currency,
        order.overdraft_limit,
        order.status,
        order.metadata,
    )


def _money(record: DepositRecord | WithdrawalRecord | LegRecord | HoldRecord) -> Money:
    return Money(record.amount, record.currency, record.exponent)


def _utc(time: datetime | None) -> datetime | None:
    """The time as every database can hold it; `OverflowError` if none can."""
    return None if time is None else time.astimezone(UTC)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _decimal(text: str | None) -> Decimal | None:
    if text is None:
        return None
    amount = Decimal(text)
    if not amount:
        raise ValueError("an amount is zero")
    return amount
