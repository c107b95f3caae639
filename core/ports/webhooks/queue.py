"""What waits to be sent."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.entities.webhooks.delivery import Claim, Delivery, Made
from core.entities.webhooks.endpoint import Endpoint
from core.entities.webhooks.schedule import Settled

Settle = Callable[[Endpoint], Settled]
"""Decides what follows from attempts at an endpoint as it is now."""


class WebhookQueue(Protocol):
    """Hands out what is due, to any number of processes, each delivery to one at a time.

    All methods raise `LedgerUnavailableError`. Who dies with a claim leaves it to run out.
    """

    async def due(self, now: datetime) -> Sequence[UUID]:
        """The endpoints that may be called now and have something due."""
        ...

    async def claim(
        self, endpoint_id: UUID, most: int, now: datetime, until: datetime
    ) -> Claim | None:
        """At most `most` due deliveries, those due the longest first; nobody else gets them until
        then. One alone of an endpoint that is tripped; None if there is nothing to send.
        """
        ...

    async def record(
        self, endpoint_id: UUID, made: Sequence[Made], unsent: Sequence[Delivery], settle: Settle
    ) -> Settled | None:
        """Write down attempts and what `settle` makes of them, and give back what was not sent.

        In one piece. Of a delivery that somebody else has claimed meanwhile nothing but a success
        counts. None if the endpoint was removed.
        """
        ...
