"""Another secret."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from core.ports.chance import Chance
from core.ports.clock import Clock
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.refusals import WebhookNotFoundError
from core.usecases.webhooks.fields import WebhookFields, endpoint_id_of
from core.usecases.webhooks.secrets import new_secret


class Rotated(NamedTuple):
    """The new secret, which is told this once, and until when the old one signs beside it."""

    endpoint_id: UUID
    secret: str
    old_expires_at: datetime


@dataclass(frozen=True, slots=True)
class RotateSecret:
    """Gives an endpoint a new secret. The old one goes on for a while, so that no call is refused
    while the receiver changes over.
    """

    fields: WebhookFields
    endpoints: WebhookEndpoints
    clock: Clock
    chance: Chance

    async def __call__(self, endpoint_id: str, overlap_seconds: str | None) -> Rotated:
        """The new secret.

        Raises `InvalidFieldError`, `WebhookNotFoundError`, `LedgerUnavailableError`.
        """
        wanted = endpoint_id_of(endpoint_id)
        overlap = timedelta(seconds=self.fields.overlap_seconds(overlap_seconds))
        now = self.clock.now()
        rotated = Rotated(wanted, new_secret(self.chance), now + overlap)
        if not await self.endpoints.rotate(wanted, rotated.secret, now, rotated.old_expires_at):
            raise WebhookNotFoundError(endpoint_id)
        return rotated
