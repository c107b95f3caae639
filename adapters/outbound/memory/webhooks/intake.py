"""The intake of events, replays and upkeep, in memory."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from adapters.outbound.memory.webhooks.store import MemoryWebhookStore
from core.entities.webhooks.delivery import DeliveryState
from core.entities.webhooks.schedule import fits, standing_of
from core.ports.webhooks.intake import Cursors, Told
from core.ports.webhooks.replays import Replay
from core.ports.webhooks.upkeep import Standing


class MemoryWebhookIntake:
    """`WebhookIntake` over `MemoryWebhookStore`."""

    def __init__(self, store: MemoryWebhookStore) -> None:
        self._store = store

    async def cursors(self) -> Cursors | None:
        """Where the intake stands."""
        return self._store.cursors

    async def begin(self, expected: Cursors | None, cursors: Cursors) -> None:
        """Stand there."""
        if self._store.cursors == expected:
            self._store.cursors = cursors

    async def take_in(
        self, before: Cursors, after: Cursors, told: Sequence[Told], now: datetime
    ) -> bool:
        """Make deliveries and move the cursors."""
        stand = self._store.cursors
        if stand is None or stand.topic_id != before.topic_id:
            return False
        if any(stand.next_offsets.get(one) != at for one, at in before.next_offsets.items()):
            return False
        self._store.cursors = Cursors(stand.topic_id, {**stand.next_offsets, **after.next_offsets})
        for one in told:
            for endpoint in self._store.endpoints.values():
                self._store.add(endpoint, one, now, now)
        return True


class MemoryWebhookReplays:
    """`WebhookReplays` over `MemoryWebhookStore`."""

    def __init__(self, store: MemoryWebhookStore) -> None:
        self._store = store

    async def ask(self, endpoint_id: UUID, since: datetime, now: datetime) -> bool:
        """Have everything since then told again."""
        if endpoint_id not in self._store.endpoints:
            return False
        under_way = self._store.replays.pop(endpoint_id, None)
        earliest = since if under_way is None else min(since, under_way.since)
        self._store.replays[endpoint_id] = Replay(endpoint_id, earliest, now)
        return True

    async def next(self) -> Replay | None:
        """The one that was asked for first."""
        return min(self._store.replays.values(), key=lambda one: one.asked_at, default=None)

    async def advance(
        self, replay: Replay, told: Sequence[Told], cursor: str | None, now: datetime
    ) -> bool:
        """Have the endpoint told of those."""
        endpoint_id = replay.endpoint_id
        if self._store.replays.get(endpoint_id) != replay:
            return False
        for one in told:
            self._tell_again(endpoint_id, one, replay.asked_at, now)
        if cursor is None:
            del self._store.replays[endpoint_id]
        else:
            self._store.replays[endpoint_id] = replay._replace(cursor=cursor)
        return True

    def _tell_again(self, endpoint_id: UUID, told: Told, asked_at: datetime, now: datetime) -> None:
        endpoint, key = self._store.endpoints[endpoint_id], (endpoint_id, told.event_id)
        known = self._store.deliveries.get(key)
        if known is None:
            self._store.add(endpoint, told, now, now)
            return
        tried_before = known.last_attempt_at is not None and known.last_attempt_at < asked_at
        is_done = known.state is not DeliveryState.WAITING
        if is_done and tried_before and fits(endpoint, told.type):
            self._store.deliveries[key] = known._replace(
                state=DeliveryState.WAITING, attempts=0, next_attempt_at=now
            )


class MemoryWebhookUpkeep:
    """`WebhookUpkeep` over `MemoryWebhookStore`."""

    def __init__(self, store: MemoryWebhookStore) -> None:
        self._store = store

    async def standing(self, now: datetime) -> Standing:
        """How it stands."""
        endpoints = self._store.endpoints
        waiting = [
            one.created_at
            for one in self._store.deliveries.values()
            if one.state is DeliveryState.WAITING
            and endpoints[one.endpoint_id].disabled_because is None
        ]
        counted = Counter(standing_of(one, now) for one in endpoints.values())
        return Standing(counted, len(waiting), min(waiting, default=None))

    async def prune(self, done_before: datetime, most: int) -> int:
        """Forget what was done long ago; removing an endpoint left nothing of it."""
        old = [
            key
            for key, one in self._store.deliveries.items()
            if one.state is not DeliveryState.WAITING
            and one.last_attempt_at is not None
            and one.last_attempt_at < done_before
        ][:most]
        for key in old:
            self._store.forget(key)
        return len(old)
