"""An endpoint that is wanted no more."""

from dataclasses import dataclass

from core.entities.webhooks.endpoint import Endpoint
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.refusals import WebhookNotFoundError
from core.usecases.webhooks.fields import endpoint_id_of


@dataclass(frozen=True, slots=True)
class RemoveEndpoint:
    """Forgets an endpoint, and all that waits for it."""

    endpoints: WebhookEndpoints

    async def __call__(self, endpoint_id: str) -> Endpoint:
        """The endpoint as it was last. Raises `WebhookNotFoundError`, `LedgerUnavailableError`."""
        wanted = endpoint_id_of(endpoint_id)
        last = await self.endpoints.find(wanted)
        if last is None or not await self.endpoints.remove(wanted):
            raise WebhookNotFoundError(endpoint_id)
        return last
