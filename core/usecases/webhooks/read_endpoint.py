"""Endpoints as they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.entities.webhooks.endpoint import Endpoint
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.refusals import WebhookNotFoundError
from core.usecases.webhooks.fields import endpoint_id_of


@dataclass(frozen=True, slots=True)
class ReadEndpoint:
    """Reads one, or all: there are never many."""

    endpoints: WebhookEndpoints

    async def __call__(self, endpoint_id: str) -> Endpoint:
        """The endpoint. Raises `WebhookNotFoundError`, `LedgerUnavailableError`."""
        found = await self.endpoints.find(endpoint_id_of(endpoint_id))
        if found is None:
            raise WebhookNotFoundError(endpoint_id)
        return found

    async def all(self) -> Sequence[Endpoint]:
        """Every endpoint, the oldest first. Raises `LedgerUnavailableError`."""
        return await self.endpoints.all()
