"""The log of deliveries."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from core.entities.webhooks.delivery import Attempt, Delivery, DeliveryState


class WebhookLog(Protocol):
    """Tells what was sent, and how it went. Both methods raise `LedgerUnavailableError`."""

    async def deliveries(
        self, endpoint_id: UUID, state: DeliveryState | None, before: int | None, limit: int
    ) -> Sequence[Delivery]:
        """At most `limit` of an endpoint, the newest first, with numbers less than `before`; those
        in this state, if one is given.
        """
        ...

    async def delivery(
        self, endpoint_id: UUID, event_id: UUID
    ) -> tuple[Delivery, Sequence[Attempt]] | None:
        """What is told of this event, with its attempts, the oldest first; None if nothing is."""
        ...
