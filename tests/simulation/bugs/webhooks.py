"""Webhooks that miss a safeguard, each another one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.outbound.memory.webhooks.store import MemoryWebhookStore
from core.entities.webhooks.delivery import Attempt, Claim, Delivery, Made
from core.entities.webhooks.endpoint import Endpoint, EndpointStatus
from core.entities.webhooks.schedule import Settled, is_tripped
from core.ports.webhooks.intake import Cursors, Told
from core.ports.webhooks.queue import Settle
from core.ports.webhooks.sender import Call
from tests.simulation.stage.event_feed import SimulatedEventFeed
from tests.simulation.stage.receivers import SimulatedSender
from tests.simulation.stage.webhook_tables import SimulatedWebhookIntake, SimulatedWebhookQueue

_FOR_EVER: Final = timedelta(days=365)


class CursorsApart(SimulatedWebhookIntake):
    """Moves the cursors in a transaction of their own, before the one of the deliveries."""

    async def take_in(
        self, before: Cursors, after: Cursors, told: Sequence[Told], now: datetime
    ) -> bool:
        """Commit the cursors, then make the deliveries."""
        is_ours = await super().take_in(before, after, (), now)
        if is_ours:
            await super().take_in(after, after, told, now)
        return is_ours


class TakesInWithoutFence(SimulatedWebhookIntake):
    """Moves the cursors by as much as it has read, from wherever they are by now."""

    async def take_in(
        self, before: Cursors, after: Cursors, told: Sequence[Told], now: datetime
    ) -> bool:
        """Make deliveries, and move the cursors on."""
        stands = await self.memory.cursors()
        if stands is None or stands.topic_id != before.topic_id:
            return False
        moved = {
            number: stands.next_offsets[number] + offset - before.next_offsets[number]
            for number, offset in after.next_offsets.items()
        }
        return await super().take_in(stands, after._replace(next_offsets=moved), told, now)


class PassesOverTheDisabled(SimulatedWebhookIntake):
    """Makes no deliveries for an endpoint that is disabled just now."""

    async def take_in(
        self, before: Cursors, after: Cursors, told: Sequence[Told], now: datetime
    ) -> bool:
        """Make deliveries for the others."""
        store = self.database.webhooks
        known = set(store.deliveries)
        is_ours = await super().take_in(before, after, told, now)
        for key in set(store.deliveries) - known:
            if store.endpoints[key[0]].status is EndpointStatus.DISABLED:
                store.forget(key)
        return is_ours


class TellsEverybodyEverything(SimulatedWebhookIntake):
    """Does not look at the types that an endpoint wants."""

    async def take_in(
        self, before: Cursors, after: Cursors, told: Sequence[Told], now: datetime
    ) -> bool:
        """Make deliveries for all."""
        is_ours = await super().take_in(before, after, told, now)
        if is_ours:
            for endpoint in self.database.webhooks.endpoints.values():
                _add_all(self.database.webhooks, endpoint, told, now)
        return is_ours


def _add_all(
    store: MemoryWebhookStore, endpoint: Endpoint, told: Sequence[Told], now: datetime
) -> None:
    for one in told:
        store.add(endpoint._replace(event_types=frozenset()), one, now, now)


class FollowsFromTheEnd(SimulatedEventFeed):
    """Reads what is told from now on, wherever reading is to begin."""

    def start_offsets(self, from_offsets: Sequence[int]) -> Sequence[int]:
        """The ends."""
        return self.topic.log.ends


class ClaimsForEver(SimulatedWebhookQueue):
    """What a dead process has claimed is never given to another one."""

    async def claim(
        self, endpoint_id: UUID, most: int, now: datetime, until: datetime
    ) -> Claim | None:
        """Claim without an end."""
        return await super().claim(endpoint_id, most, now, until + _FOR_EVER)


class NeverClosesTheCircuit(SimulatedWebhookQueue):
    """An endpoint that failed too often is never called again."""

    async def record(
        self, endpoint_id: UUID, made: Sequence[Made], unsent: Sequence[Delivery], settle: Settle
    ) -> Settled | None:
        """Write it down, and pause without an end."""

        def settle_for_ever(endpoint: Endpoint) -> Settled:
            settled = settle(endpoint)
            after = settled.endpoint
            if not is_tripped(after.health):
                return settled
            health = after.health._replace(paused_until=settled.at + _FOR_EVER)
            return settled._replace(endpoint=after._replace(health=health))

        return await super().record(endpoint_id, made, unsent, settle_for_ever)


class TakesSilenceForTaken(SimulatedSender):
    """Takes an endpoint that did not answer in time for one that has taken the call."""

    def unanswered(self, call: Call) -> Attempt:
        """A success."""
        return super().unanswered(call)._replace(status=200)


class NewIdForEachCall(SimulatedSender):
    """What is told again is told under another id."""

    async def send(self, call: Call) -> Attempt:
        """Send under an id of this call alone."""
        tried = f"{call.message_id}.{self.machine.loop.time()}"
        return await super().send(call._replace(message_id=tried))
