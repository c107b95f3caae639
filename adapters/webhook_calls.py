"""What endpoints are told, by Standard Webhooks: one shape for each type of call."""

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from adapters.schemas.fields import EndpointId, Time
from adapters.schemas.transactions import PostedTransaction, RejectedTransaction
from core.entities.outcome_event import EventType
from core.entities.webhooks.delivery import TEST_TYPE

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"
CONTENT_TYPE_HEADER: Final = "content-type"


class _Call(Struct, kw_only=True, tag_field="type"):
    timestamp: Annotated[Time, Meta(description="Of the event; `posted_at` of a transaction.")]


class PostedCall(_Call, tag=EventType.TRANSACTION_POSTED.value):
    """A command was posted."""

    data: PostedTransaction


class RejectedCall(_Call, tag=EventType.TRANSACTION_REJECTED.value):
    """A command was rejected."""

    data: RejectedTransaction  # type: ignore[valid-type]  # made by defstruct


class TestedEndpoint(Struct, kw_only=True):
    """Whom a test call is for."""

    endpoint_id: EndpointId


class TestCall(_Call, tag=TEST_TYPE):
    """A call that was asked for, to see whether telling works."""

    data: TestedEndpoint


SHAPES: Final[tuple[Any, ...]] = (PostedCall, RejectedCall, TestCall)
