"""Telling whoever wants to know."""

from typing import Protocol

from core.entities.page import Outcomes


class Events(Protocol):
    """Publishes what the ledger has committed."""

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """Tell the outcomes of one partition of the command log, in their order, at least once.

        Returns when all of them are durable. Raises `EventsUnavailableError`; then some may be
        published, and all of them may be given again.
        """
        ...
