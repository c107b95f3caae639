"""A new endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.entities.webhooks.endpoint import Endpoint, EndpointStatus
from core.ports.chance import Chance
from core.ports.clock import Clock
from core.ports.ids import Ids
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.refusals import TooManyWebhooksError
from core.usecases.webhooks.fields import WebhookFields
from core.usecases.webhooks.secrets import new_secret


class Added(NamedTuple):
    """The endpoint, and its secret, which is told this once."""

    endpoint: Endpoint
    secret: str


@dataclass(frozen=True, slots=True)
class AddEndpoint:
    """Has an address told of what is taken in from now on."""

    fields: WebhookFields
    endpoints: WebhookEndpoints
    ids: Ids
    clock: Clock
    chance: Chance
    max_endpoints: int

    async def __call__(
        self, url: str, description: str | None, event_types: Sequence[str] | None
    ) -> Added:
        """The new endpoint.

        Raises `InvalidFieldError`, `TooManyWebhooksError`, `LedgerUnavailableError`.
        """
        endpoint = Endpoint(
            endpoint_id=self.ids.new_transaction_id(0),
            url=self.fields.url(url),
            description=self.fields.description(description),
            event_types=self.fields.event_types(event_types) or frozenset(),
            status=EndpointStatus.ENABLED,
            disabled_because=None,
            created_at=self.clock.now(),
        )
        secret = new_secret(self.chance)
        if not await self.endpoints.add(endpoint, secret, self.max_endpoints):
            raise TooManyWebhooksError(self.max_endpoints)
        return Added(endpoint, secret)
