"""Outcome events as every feed of them gives them."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from adapters.representations import Representations
from core.entities.outcome_event import TYPE_OF_STATUS, EventType, OutcomeEvent
from core.entities.position import Position
from core.entities.transaction import Transaction, TransactionStatus

SCHEMA_VERSION: Final = 1
"""Raised when an event changes so that whoever understood the earlier ones would not any more."""


class _Leg(msgspec.Struct):
    from_user_id: str
    to_user_id: str


class _Entry(msgspec.Struct):
    user_id: str


class _Told(msgspec.Struct):
    """What there is to know of an event's data without looking at the money."""

    transaction_id: UUID
    status: TransactionStatus
    position: str
    posted_at: datetime
    # Of a rejection, whose account was in the way, if that is not who asked.
    user_id: str | None = None
    to_user_id: str | None = None
    hold_user_id: str | None = None
    legs: tuple[_Leg, ...] = ()
    entries: tuple[_Entry, ...] = ()


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(_Told)


def schema_of(event_type: EventType) -> str:
    """The name of the schema of such an event's data, a URI (CloudEvents' `dataschema`)."""
    return f"urn:{event_type.replace('.', ':')}:v{SCHEMA_VERSION}"


def event_of(transaction: Transaction, representations: Representations) -> OutcomeEvent:
    """The event that tells of a transaction."""
    return _event(_encoder.encode(representations.transaction(transaction)))


def read_event(data: bytes | None) -> OutcomeEvent | None:
    """The event whose data this is; None if it is the data of none. Never raises."""
    try:
        return None if data is None else _event(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _event(data: bytes) -> OutcomeEvent:
    told = _decoder.decode(data)
    named = [told.user_id, told.to_user_id, told.hold_user_id]
    named += [user for leg in told.legs for user in (leg.from_user_id, leg.to_user_id)]
    named += [entry.user_id for entry in told.entries]
    return OutcomeEvent(
        event_id=told.transaction_id,
        type=TYPE_OF_STATUS[told.status],
        position=Position.parse(told.position),
        time=told.posted_at,
        users=frozenset(one for one in named if one is not None),
        data=data,
    )
