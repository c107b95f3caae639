"""Webhook endpoints and deliveries, as clients write and read them."""

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from adapters.inbound.http.schemas.answers import NextCursor
from adapters.schemas.fields import EndpointId, Time, TransactionId
from core.entities.outcome_event import EventType
from core.entities.webhooks.address import MAX_URL_CHARACTERS
from core.entities.webhooks.delivery import TEST_TYPE, DeliveryState
from core.entities.webhooks.endpoint import (
    DEFAULT_OVERLAP_SECONDS,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_OVERLAP_SECONDS,
    DisabledBecause,
    EndpointStatus,
)

Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_URL_CHARACTERS,
        description="https, and public; calls follow no redirect.",
        examples=["https://example.com/counterfoil"],
    ),
]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION_CHARACTERS, examples=["our books"])]
EventTypes = Annotated[list[EventType], Meta(description="None of them stands for all.")]
Secret = Annotated[
    str,
    Meta(
        description="Verifies the calls, by Standard Webhooks. It is told this once.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ),
]
_SECONDS: Final = {
    "type": ["integer", "string", "null"],
    "minimum": 0,
    "maximum": MAX_OVERLAP_SECONDS,
    "default": DEFAULT_OVERLAP_SECONDS,
    "pattern": "^[0-9]{1,6}$",
}


class WebhookBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who is to be called."""

    url: Url
    description: Description | None = None
    event_types: EventTypes | None = None


class WebhookChangeBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be another; what is not given stays."""

    url: Url | None = None
    description: Description | None = None
    event_types: EventTypes | None = None
    status: EndpointStatus | None = None


class RotateBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """For how long the old secret signs beside the new one."""

    overlap_seconds: Annotated[
        Any,
        Meta(description="Whole seconds; a day by default.", extra_json_schema=_SECONDS),
    ] = None


class ReplayBody(Struct, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """From which event on."""

    from_: Annotated[TransactionId, Meta(description="The id of the event: of its transaction.")]


class Webhook(Struct, kw_only=True):
    """An endpoint. While it is `paused_until`, it is not called: it failed too often."""

    endpoint_id: EndpointId
    url: Url
    description: Description | None
    event_types: EventTypes
    status: EndpointStatus
    disabled_because: DisabledBecause | None
    failures_in_a_row: Annotated[int, Meta(ge=0)]
    paused_until: Time | None
    created_at: Time
    secret: Secret | UnsetType = UNSET


class Webhooks(Struct, kw_only=True):
    """All endpoints, the oldest first."""

    webhooks: list[Webhook]


class RotatedSecret(Struct, kw_only=True):
    """The new secret, and until when the old one signs as well."""

    endpoint_id: EndpointId
    secret: Secret
    old_secret_expires_at: Time


class TestCall(Struct, kw_only=True):
    """Where to look how the call went."""

    endpoint_id: EndpointId
    event_id: TransactionId


class ReplayAnswer(Struct, kw_only=True):
    """Everything that was accepted at `since` or later is told again."""

    endpoint_id: EndpointId
    since: Time


class Delivery(Struct, kw_only=True):
    """One event on its way to one endpoint."""

    event_id: TransactionId
    type: Annotated[str, Meta(extra_json_schema={"enum": [*EventType, TEST_TYPE]})]
    state: DeliveryState
    attempts: Annotated[int, Meta(ge=0, description="Since it was told last to begin.")]
    created_at: Time
    next_attempt_at: Annotated[Time | None, Meta(description="Of what waits.")]
    last_attempt_at: Time | None
    last_status: int | None
    last_error: str | None


class DeliveriesPage(Struct, kw_only=True):
    """Deliveries of one endpoint, the newest first."""

    endpoint_id: EndpointId
    deliveries: list[Delivery]
    next_cursor: NextCursor


class WebhookAttempt(Struct, kw_only=True):
    """How one call went."""

    at: Time
    duration_seconds: Annotated[float, Meta(ge=0)]
    status: int | None
    error: str | None
    answer: Annotated[str, Meta(description="The first bytes of what the endpoint said.")]


class DeliveryWithAttempts(Delivery, kw_only=True):
    """A delivery, and every call that was made for it, the oldest first."""

    attempts_made: list[WebhookAttempt]
