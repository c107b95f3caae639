"""Tell what was posted, to whoever wants to know."""

from dataclasses import dataclass

from core.entities.page import Outcomes
from core.ports.events import Events


@dataclass(frozen=True, slots=True)
class PublishOutcomes:
    """Publishes outcomes that are committed; the order of calls is the order of the log."""

    events: Events

    async def __call__(self, partition: int, outcomes: Outcomes) -> None:
        """Return when all `outcomes` are durable. Raises `EventsUnavailableError`."""
        if outcomes.transactions or outcomes.dead_letters:
            await self.events.publish(partition, outcomes)
