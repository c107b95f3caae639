"""Whoever is told what was decided: followers of the live stream, and endpoints of webhooks."""

from collections.abc import Coroutine, Sequence
from typing import Final

from core.entities.event_filter import EventFilter
from core.entities.webhooks.delivery import DeliveryState
from tests.simulation.endpoint_owner import EndpointOwner
from tests.simulation.followers import Follower
from tests.simulation.hosts import ApiHost, Stage, WebhooksHost
from tests.simulation.orders import USERS
from tests.simulation.promises.deliveries import look_at_deliveries
from tests.simulation.promises.promise import Findings
from tests.simulation.promises.streams import look_at_accounts, look_at_stream

_TELLING: Final = (0, 0, 0, 2, 2)
"""How many processes tell endpoints. A world without any has no endpoints: it is a quick one."""
_FOLLOWING: Final = (0, 0, 1, 2)
"""How many follow the live stream."""
_WANTED: Final = (EventFilter(), EventFilter(user_id=USERS[0]))


class Audience:
    """All of them in one world; some have none of either kind."""

    def __init__(self, stage: Stage, apis: Sequence[ApiHost]) -> None:
        self._stage = stage
        chance = stage.machine.chance
        wanted = _WANTED[: chance.one_of(_FOLLOWING)]
        self._followers = [Follower(stage.machine, apis, one) for one in wanted]
        self.hosts = [
            WebhooksHost(stage, f"webhooks-{one}") for one in range(chance.one_of(_TELLING))
        ]
        self._owner = (
            EndpointOwner(stage.machine, stage.database, stage.topic, stage.ids, stage.receivers)
            if self.hosts
            else None
        )

    async def begin(self) -> None:
        """Have the first endpoints made."""
        if self._owner is not None:
            await self._owner.begin()

    def beside(self) -> Sequence[Coroutine[object, object, None]]:
        """What goes on until the world ends."""
        receivers = self._stage.receivers
        return [*(one.run() for one in self._followers), *(one.trouble() for one in receivers)]

    def managing(self) -> Sequence[Coroutine[object, object, None]]:
        """What comes to an end by itself."""
        return [] if self._owner is None else [self._owner.run()]

    def unheard(self) -> str | None:
        """Who has not been told all of it yet."""
        ends = self._stage.topic.log.ends
        for follower in self._followers:
            stands = follower.bookmark
            if stands is None or stands.next_offsets != ends:
                return f"a follower stands at {stands}, and the topic ends at {ends}"
        return None if self._owner is None else self._undelivered(ends)

    def _undelivered(self, ends: Sequence[int]) -> str | None:
        webhooks = self._stage.database.webhooks
        stands = None if webhooks.cursors is None else webhooks.cursors.next_offsets
        if stands != dict(enumerate(ends)):
            return f"what endpoints are told of is taken in up to {stands}, of {ends}"
        for one in webhooks.deliveries.values():
            if one.state is DeliveryState.WAITING:
                return f"it waits: {one} at {webhooks.endpoints[one.endpoint_id]}"
        return None

    def look_at_the_end(self, findings: Findings) -> None:
        """That all of them were told what was promised."""
        topic = self._stage.topic
        look_at_accounts(topic, self._stage.database.books, findings)
        for follower in self._followers:
            look_at_stream(follower, topic, findings)
        for one in [] if self._owner is None else self._owner.all:
            look_at_deliveries(one, topic, findings)
