"""What waits to be sent, in memory."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from adapters.outbound.memory.webhooks.store import MemoryWebhookStore
from core.entities.webhooks.delivery import Claim, Delivery, DeliveryState, Made
from core.entities.webhooks.schedule import (
    Settled,
    SettledDelivery,
    is_callable,
    is_due,
    is_tripped,
)
from core.ports.webhooks.queue import Settle


class MemoryWebhookQueue:
    """`WebhookQueue` over `MemoryWebhookStore`."""

    def __init__(self, store: MemoryWebhookStore) -> None:
        self._store = store

    async def due(self, now: datetime) -> Sequence[UUID]:
        """The endpoints that have something due."""
        return [
            endpoint_id
            for endpoint_id, endpoint in self._store.endpoints.items()
            if is_callable(endpoint, now) and self._due(endpoint_id, now)
        ]

    async def claim(
        self, endpoint_id: UUID, most: int, now: datetime, until: datetime
    ) -> Claim | None:
        """Some of what is due."""
        endpoint = self._store.endpoints.get(endpoint_id)
        due = self._due(endpoint_id, now)
        if endpoint is None or not is_callable(endpoint, now) or not due:
            return None
        claimed = [
            one._replace(next_attempt_at=until)
            for one in due[: 1 if is_tripped(endpoint.health) else most]
        ]
        for one in claimed:
            key = (endpoint_id, one.event_id)
            self._store.deliveries[key] = one
            self._store.claimed.add(key)
        secrets = [
            one.secret
            for one in self._store.secrets[endpoint_id]
            if one.expires_at is None or one.expires_at > now
        ]
        return Claim(endpoint, secrets, claimed)

    async def record(
        self, endpoint_id: UUID, made: Sequence[Made], unsent: Sequence[Delivery], settle: Settle
    ) -> Settled | None:
        """Write down attempts and what follows from them."""
        endpoint = self._store.endpoints.get(endpoint_id)
        if endpoint is None:
            return None
        settled = settle(endpoint)
        self._store.endpoints[endpoint_id] = endpoint._replace(
            status=settled.endpoint.status,
            disabled_because=settled.endpoint.disabled_because,
            health=settled.endpoint.health,
        )
        for one in settled.deliveries:
            self._settle(one)
        for delivery in unsent:
            self._give_back(delivery)
        if settled.reopened:
            self._store.release(endpoint_id, settled.at)
        return settled

    def _due(self, endpoint_id: UUID, now: datetime) -> list[Delivery]:
        due = [one for one in self._store.of(endpoint_id) if is_due(one, now)]
        return sorted(due, key=lambda one: (one.next_attempt_at, one.number))

    def _settle(self, one: SettledDelivery) -> None:
        delivery, attempt = one.made
        key = (delivery.endpoint_id, delivery.event_id)
        stored = self._store.deliveries.get(key)
        if stored is None:
            return
        self._store.attempts.setdefault(key, []).append(attempt)
        is_ours = _is_still(stored, delivery)
        if not is_ours and one.state is not DeliveryState.DELIVERED:
            return
        self._store.claimed.discard(key)
        self._store.deliveries[key] = stored._replace(
            state=one.state,
            attempts=stored.attempts + 1,
            next_attempt_at=one.next_attempt_at,
            last_attempt_at=attempt.at,
            last_status=attempt.status,
            last_error=attempt.error,
        )

    def _give_back(self, delivery: Delivery) -> None:
        key = (delivery.endpoint_id, delivery.event_id)
        stored = self._store.deliveries.get(key)
        if stored is not None and _is_still(stored, delivery):
            self._store.claimed.discard(key)
            self._store.deliveries[key] = stored._replace(next_attempt_at=delivery.created_at)


def _is_still(stored: Delivery, claimed: Delivery) -> bool:
    """Whether the claim has not run out and been made by somebody else."""
    return (
        stored.state is DeliveryState.WAITING and stored.next_attempt_at == claimed.next_attempt_at
    )
