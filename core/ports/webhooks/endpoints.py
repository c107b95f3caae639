"""Endpoints, as those who manage them see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.entities.webhooks.endpoint import Change, Endpoint


class WebhookEndpoints(Protocol):
    """Keeps endpoints. A secret goes in, and never comes out again here.

    Durable on return. All methods raise `LedgerUnavailableError`; then nothing was changed, or an
    answer was lost.
    """

    async def add(self, endpoint: Endpoint, secret: str, most: int) -> bool:
        """Keep a new endpoint with its secret; False, and nothing is kept, if there are `most`."""
        ...

    async def all(self) -> Sequence[Endpoint]:
        """Every endpoint, the oldest first."""
        ...

    async def find(self, endpoint_id: UUID) -> Endpoint | None:
        """The endpoint; None if there is none."""
        ...

    async def change(self, endpoint_id: UUID, change: Change, now: datetime) -> Endpoint | None:
        """The endpoint as `changed` makes it; None if there is none.

        Of one that is enabled by that, all that waits is due now.
        """
        ...

    async def remove(self, endpoint_id: UUID) -> bool:
        """Forget the endpoint, its secrets and its deliveries; False if there is none."""
        ...

    async def rotate(
        self, endpoint_id: UUID, secret: str, now: datetime, old_expires_at: datetime
    ) -> bool:
        """Sign with a new secret, and until then with the old ones, too; False if there is none.

        Of the old ones at most `MAX_SECRETS` - 1 go on, the newest; none for longer than it was to.
        """
        ...

    async def call(self, endpoint_id: UUID, event_id: UUID, now: datetime) -> bool:
        """Have a test call made before all that waits; False if there is no such endpoint."""
        ...
