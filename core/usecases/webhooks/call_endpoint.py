"""A test call."""

from dataclasses import dataclass
from uuid import UUID

from core.entities.webhooks.endpoint import EndpointStatus
from core.ports.clock import Clock
from core.ports.ids import Ids
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.refusals import WebhookDisabledError, WebhookNotFoundError
from core.usecases.webhooks.read_endpoint import ReadEndpoint


@dataclass(frozen=True, slots=True)
class CallEndpoint:
    """Has an endpoint called with an event that is none, before all that waits for it."""

    read: ReadEndpoint
    endpoints: WebhookEndpoints
    ids: Ids
    clock: Clock

    async def __call__(self, endpoint_id: str) -> UUID:
        """The id under which the call's delivery is found.

        Raises `WebhookNotFoundError`, `WebhookDisabledError`, `LedgerUnavailableError`.
        """
        endpoint = await self.read(endpoint_id)
        if endpoint.status is EndpointStatus.DISABLED:
            raise WebhookDisabledError(endpoint_id)
        event_id = self.ids.new_transaction_id(0)
        if not await self.endpoints.call(endpoint.endpoint_id, event_id, self.clock.now()):
            raise WebhookNotFoundError(endpoint_id)
        return event_id
