"""Endpoints and the log of deliveries, in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from adapters.outbound.memory.webhooks.store import MemoryWebhookStore, StoredSecret
from core.entities.webhooks.delivery import TEST_TYPE, Attempt, Delivery, DeliveryState
from core.entities.webhooks.endpoint import (
    MAX_SECRETS,
    Change,
    Endpoint,
    EndpointStatus,
    changed,
)
from core.ports.webhooks.intake import Told

_BEFORE_ALL: Final = datetime.fromtimestamp(0, UTC)


class MemoryWebhookEndpoints:
    """`WebhookEndpoints` over `MemoryWebhookStore`."""

    def __init__(self, store: MemoryWebhookStore) -> None:
        self._store = store

    async def add(self, endpoint: Endpoint, secret: str, most: int) -> bool:
        """Keep a new endpoint."""
        if len(self._store.endpoints) >= most:
            return False
        self._store.endpoints[endpoint.endpoint_id] = endpoint
        self._store.secrets[endpoint.endpoint_id] = [StoredSecret(secret, None)]
        return True

    async def all(self) -> Sequence[Endpoint]:
        """Every endpoint."""
        return sorted(
            self._store.endpoints.values(), key=lambda one: (one.created_at, one.endpoint_id)
        )

    async def find(self, endpoint_id: UUID) -> Endpoint | None:
        """The endpoint, if there is one."""
        return self._store.endpoints.get(endpoint_id)

    async def change(self, endpoint_id: UUID, change: Change, now: datetime) -> Endpoint | None:
        """The endpoint after the change."""
        before = self._store.endpoints.get(endpoint_id)
        if before is None:
            return None
        after = self._store.endpoints[endpoint_id] = changed(before, change)
        if change.status is EndpointStatus.ENABLED:
            self._store.release(endpoint_id, now)
        return after

    async def remove(self, endpoint_id: UUID) -> bool:
        """Forget the endpoint."""
        if self._store.endpoints.pop(endpoint_id, None) is None:
            return False
        del self._store.secrets[endpoint_id]
        self._store.replays.pop(endpoint_id, None)
        for one in list(self._store.of(endpoint_id)):
            self._store.forget((endpoint_id, one.event_id))
        return True

    async def rotate(
        self, endpoint_id: UUID, secret: str, now: datetime, old_expires_at: datetime
    ) -> bool:
        """Sign with a new secret, and for a while with the old ones."""
        known = self._store.secrets.get(endpoint_id)
        if known is None:
            return False
        old = [
            one._replace(expires_at=min(one.expires_at or old_expires_at, old_expires_at))
            for one in known
            if one.expires_at is None or one.expires_at > now
        ]
        self._store.secrets[endpoint_id] = [StoredSecret(secret, None), *old[: MAX_SECRETS - 1]]
        return True

    async def call(self, endpoint_id: UUID, event_id: UUID, now: datetime) -> bool:
        """Have a test call made."""
        endpoint = self._store.endpoints.get(endpoint_id)
        if endpoint is None:
            return False
        any_type = endpoint._replace(event_types=frozenset())
        self._store.add(any_type, Told(event_id, TEST_TYPE), _BEFORE_ALL, now)
        return True


class MemoryWebhookLog:
    """`WebhookLog` over `MemoryWebhookStore`."""

    def __init__(self, store: MemoryWebhookStore) -> None:
        self._store = store

    async def deliveries(
        self, endpoint_id: UUID, state: DeliveryState | None, before: int | None, limit: int
    ) -> Sequence[Delivery]:
        """The newest first."""
        chosen = [
            one
            for one in self._store.of(endpoint_id)
            if state in {None, one.state} and (before is None or one.number < before)
        ]
        return sorted(chosen, key=lambda one: -one.number)[:limit]

    async def delivery(
        self, endpoint_id: UUID, event_id: UUID
    ) -> tuple[Delivery, Sequence[Attempt]] | None:
        """What is told of this event, with its attempts."""
        key = (endpoint_id, event_id)
        found = self._store.deliveries.get(key)
        return None if found is None else (found, tuple(self._store.attempts.get(key, ())))
