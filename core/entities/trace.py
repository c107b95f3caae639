"""A trace: all that is known of one transaction's way, from its record to those who were told."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from core.entities.command import Command
from core.entities.dead_letter import FiledLetter
from core.entities.log_position import LogPosition
from core.entities.outcome_event import FeedPlace
from core.entities.position import Position
from core.entities.posted_page import PostedPage
from core.entities.transaction import Transaction, TransactionStatus
from core.entities.webhooks.delivery import Attempt, Delivery, DeliveryState
from core.entities.webhooks.endpoint import Endpoint


class TraceState(StrEnum):
    """How far it has come: in the log, with an operator, or decided."""

    WAITING = "waiting"
    HELD = "held_for_operator"
    POSTED = "posted"
    REJECTED = "rejected"


class Accepted(NamedTuple):
    """Where and when the log took the record in; `command` is None where nobody can read it."""

    position: Position
    at: datetime
    command: Command | None


class Published(NamedTuple):
    """Where and when it was told for the first time."""

    place: FeedPlace
    at: datetime


class NotPublished(NamedTuple):
    """It was not found among the first `looked_at` events that its partition was told since then.

    `is_all` says that there are no others; `trouble`, why looking ended before that.
    """

    since: datetime
    looked_at: int
    is_all: bool
    trouble: str | None = None


class Notice(NamedTuple):
    """What one endpoint was told of it, and how each call went."""

    endpoint: Endpoint
    delivery: Delivery
    attempts: Sequence[Attempt]

    @property
    def next_attempt_at(self) -> datetime | None:
        """When it is tried next; None once it is done."""
        is_waiting = self.delivery.state is DeliveryState.WAITING
        return self.delivery.next_attempt_at if is_waiting else None


class Trace(NamedTuple):
    """The way of one id, as far as it is known.

    `accepted` is the record that was decided, or that waits, or was condemned; `ahead` counts the
    records that are posted before one that waits. `letter` is the newest dead letter of the id,
    whatever became of it. `page` decided the id, or, if nothing has, condemned it. `standing` is
    how far the partition is posted now; None if it never was. `published` is None as long as there
    is nothing to tell.
    """

    transaction_id: UUID
    accepted: Accepted | None = None
    ahead: int = 0
    standing: LogPosition | None = None
    transaction: Transaction | None = None
    letter: FiledLetter | None = None
    page: PostedPage | None = None
    published: Published | NotPublished | None = None
    notices: Sequence[Notice] = ()

    @property
    def state(self) -> TraceState:
        """How far it has come. A dead letter that was requeued waits."""
        if self.transaction is not None:
            is_posted = self.transaction.status is TransactionStatus.POSTED
            return TraceState.POSTED if is_posted else TraceState.REJECTED
        if self.letter is None or self.accepted is None:
            return TraceState.WAITING
        is_requeued = self.accepted.position != self.letter.position
        return TraceState.WAITING if is_requeued else TraceState.HELD
