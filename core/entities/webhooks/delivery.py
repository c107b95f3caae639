"""A delivery: one event on its way to one endpoint."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from core.entities.webhooks.endpoint import Endpoint

TEST_TYPE: Final = "counterfoil.webhook.test"
"""The type of what is told on request, to see whether telling works."""
MAX_ANSWER_BYTES: Final = 1_024
"""Of an endpoint's answer, kept for whoever looks for a fault."""


class DeliveryState(StrEnum):
    """Failed is what used up its schedule at an endpoint that takes others."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(NamedTuple):
    """What is told of one event to one endpoint. `number` is its place in the order of intake.

    `next_attempt_at` is when it is tried next; while it is being tried, until when nobody else may.
    """

    endpoint_id: UUID
    event_id: UUID
    type: str
    number: int
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    last_attempt_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None


class Attempt(NamedTuple):
    """How one call went: the status of its answer, or the error in its place.

    `answer` is the first `MAX_ANSWER_BYTES` of what the endpoint said.
    """

    at: datetime
    duration_seconds: float
    status: int | None
    error: str | None
    answer: bytes = b""
    retry_after_seconds: int | None = None

    @property
    def is_success(self) -> bool:
        """Whether the endpoint has taken it."""
        return self.status is not None and 200 <= self.status < 300


class Made(NamedTuple):
    """An attempt, and the delivery as it was before."""

    delivery: Delivery
    attempt: Attempt


class Claim(NamedTuple):
    """What is to be sent to an endpoint now, signed with each of these secrets."""

    endpoint: Endpoint
    secrets: Sequence[str]
    deliveries: Sequence[Delivery]
