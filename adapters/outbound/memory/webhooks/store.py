"""What is kept of webhooks, as the fakes of all their ports share it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core.entities.webhooks.delivery import Attempt, Delivery, DeliveryState
from core.entities.webhooks.endpoint import Endpoint
from core.entities.webhooks.schedule import fits
from core.ports.webhooks.intake import Cursors, Told
from core.ports.webhooks.replays import Replay


class StoredSecret(NamedTuple):
    """A secret, and when it ends; None: it is the current one."""

    secret: str
    expires_at: datetime | None


@dataclass(slots=True)
class MemoryWebhookStore:
    """Everything; each method happens at once."""

    endpoints: dict[UUID, Endpoint] = field(default_factory=dict)
    secrets: dict[UUID, list[StoredSecret]] = field(default_factory=dict)
    deliveries: dict[tuple[UUID, UUID], Delivery] = field(default_factory=dict)
    claimed: set[tuple[UUID, UUID]] = field(default_factory=set)
    attempts: dict[tuple[UUID, UUID], list[Attempt]] = field(default_factory=dict)
    replays: dict[UUID, Replay] = field(default_factory=dict)
    cursors: Cursors | None = None
    newest_number: int = 0

    def of(self, endpoint_id: UUID) -> Iterator[Delivery]:
        """An endpoint's deliveries."""
        return (one for key, one in self.deliveries.items() if key[0] == endpoint_id)

    def add(self, endpoint: Endpoint, told: Told, due_at: datetime, now: datetime) -> None:
        """A delivery, if the endpoint wants it and does not have it."""
        key = (endpoint.endpoint_id, told.event_id)
        if key in self.deliveries or not fits(endpoint, told.type):
            return
        self.newest_number += 1
        self.deliveries[key] = Delivery(
            *key,
            type=told.type,
            number=self.newest_number,
            state=DeliveryState.WAITING,
            attempts=0,
            created_at=now,
            next_attempt_at=due_at,
        )

    def release(self, endpoint_id: UUID, now: datetime) -> None:
        """Whatever waits and is not being sent is due now."""
        for one in list(self.of(endpoint_id)):
            key = (endpoint_id, one.event_id)
            if one.state is DeliveryState.WAITING and key not in self.claimed:
                self.deliveries[key] = one._replace(next_attempt_at=min(one.next_attempt_at, now))

    def forget(self, key: tuple[UUID, UUID]) -> None:
        """A delivery, with its attempts."""
        del self.deliveries[key]
        self.claimed.discard(key)
        self.attempts.pop(key, None)
