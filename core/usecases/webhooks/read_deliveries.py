"""What an endpoint was told, and how it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from core.entities.webhooks.delivery import Attempt, Delivery, DeliveryState
from core.ports.webhooks.log import WebhookLog
from core.refusals import DeliveryNotFoundError
from core.usecases.checks import Checks, our_id
from core.usecases.paging import page_of, place_of
from core.usecases.webhooks.read_endpoint import ReadEndpoint


class DeliveriesPage(NamedTuple):
    """Some deliveries of an endpoint, the newest first, and where the next ones begin."""

    endpoint_id: UUID
    deliveries: Sequence[Delivery]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ReadDeliveries:
    """Reads the log of deliveries."""

    checks: Checks
    read: ReadEndpoint
    log: WebhookLog

    async def __call__(
        self, endpoint_id: str, state: str | None, limit: int, cursor: str | None
    ) -> DeliveriesPage:
        """One page of it.

        Raises `InvalidFieldError`, `WebhookNotFoundError`, `LedgerUnavailableError`.
        """
        wanted = self.checks.one_of(DeliveryState, state, "state")
        most = self.checks.limit(limit)
        query = ("deliveries", endpoint_id, wanted or "")
        before = place_of(cursor, query, lambda place: int(place[0]), parts=1)
        endpoint = await self.read(endpoint_id)
        found = await self.log.deliveries(endpoint.endpoint_id, wanted, before, most + 1)
        shown, next_cursor = page_of(found, most, query, lambda one: (str(one.number),))
        return DeliveriesPage(endpoint.endpoint_id, shown, next_cursor)

    async def one(self, endpoint_id: str, event_id: str) -> tuple[Delivery, Sequence[Attempt]]:
        """A delivery with its attempts, the oldest first.

        Raises `WebhookNotFoundError`, `DeliveryNotFoundError`, `LedgerUnavailableError`.
        """
        endpoint = await self.read(endpoint_id)
        wanted = our_id(event_id, DeliveryNotFoundError)
        found = await self.log.delivery(endpoint.endpoint_id, wanted)
        if found is None:
            raise DeliveryNotFoundError(event_id)
        return found
