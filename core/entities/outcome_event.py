"""An outcome event: a transaction as it is told to whoever wants to know."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from core.entities.position import Position
from core.entities.transaction import TransactionStatus


class EventType(StrEnum):
    """What is told. The names are CloudEvents' `type`, and Standard Webhooks' `type`."""

    TRANSACTION_POSTED = "counterfoil.transaction.posted"
    TRANSACTION_REJECTED = "counterfoil.transaction.rejected"


TYPE_OF_STATUS: Final = {
    TransactionStatus.POSTED: EventType.TRANSACTION_POSTED,
    TransactionStatus.REJECTED: EventType.TRANSACTION_REJECTED,
}


class OutcomeEvent(NamedTuple):
    """One transaction, told.

    `event_id` is the transaction's id: the same however often it is told. `position` is where its
    command lies in the command log, `time` when it was posted. `users` are all whose money or
    hold it is about. `data` is the transaction as the HTTP API shows it, in JSON.
    """

    event_id: UUID
    type: EventType
    position: Position
    time: datetime
    users: frozenset[str]
    data: bytes


class FeedPlace(NamedTuple):
    """Where an event lies in the feed: told twice, it lies in two places of its partition.

    `offset` is the feed's own, not the command log's.
    """

    partition: int
    offset: int


class ToldEvent(NamedTuple):
    """What lies at a place of the feed; None where it is nothing that we can read.

    `told_at` is when it was written there.
    """

    place: FeedPlace
    event: OutcomeEvent | None
    told_at: datetime
