"""Another address, other types of events, on or off."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.entities.webhooks.endpoint import Change, Endpoint, EndpointStatus
from core.ports.clock import Clock
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.refusals import WebhookNotFoundError
from core.usecases.checks import Checks
from core.usecases.webhooks.fields import WebhookFields, endpoint_id_of


@dataclass(frozen=True, slots=True)
class ChangeDraft:
    """What is to be another, as it was written; None stays as it is."""

    url: str | None = None
    description: str | None = None
    event_types: Sequence[str] | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeEndpoint:
    """Changes what is given. Enabling an endpoint tells it at once of all that waits for it."""

    checks: Checks
    fields: WebhookFields
    endpoints: WebhookEndpoints
    clock: Clock

    async def __call__(self, endpoint_id: str, draft: ChangeDraft) -> Endpoint:
        """The endpoint after it.

        Raises `InvalidFieldError`, `WebhookNotFoundError`, `LedgerUnavailableError`.
        """
        wanted = endpoint_id_of(endpoint_id)
        change = Change(
            url=None if draft.url is None else self.fields.url(draft.url),
            description=self.fields.description(draft.description),
            event_types=self.fields.event_types(draft.event_types),
            status=self.checks.one_of(EndpointStatus, draft.status, "status"),
        )
        after = await self.endpoints.change(wanted, change, self.clock.now())
        if after is None:
            raise WebhookNotFoundError(endpoint_id)
        return after
