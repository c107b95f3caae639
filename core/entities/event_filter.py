"""Which outcome events somebody wants."""

from typing import NamedTuple

from core.entities.outcome_event import EventType, OutcomeEvent


class EventFilter(NamedTuple):
    """Events about this user's commands, money or holds, and of this type; None for all of them."""

    user_id: str | None = None
    type: EventType | None = None

    def takes(self, event: OutcomeEvent) -> bool:
        """Whether the event is one of those."""
        is_theirs = self.user_id is None or self.user_id in event.users
        return is_theirs and (self.type is None or self.type is event.type)
