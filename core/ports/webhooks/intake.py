"""From the feed of events into deliveries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID


class Cursors(NamedTuple):
    """Up to where the feed was taken in: of each partition the next offset."""

    topic_id: str
    next_offsets: Mapping[int, int]


class Told(NamedTuple):
    """What an endpoint is told of: no more than that, since the ledger has the rest."""

    event_id: UUID
    type: str


class WebhookIntake(Protocol):
    """Moves the cursors and makes deliveries, in one piece. Raises `LedgerUnavailableError`."""

    async def cursors(self) -> Cursors | None:
        """Where the intake stands; None if it never began."""
        ...

    async def begin(self, expected: Cursors | None, cursors: Cursors) -> None:
        """Stand there instead, unless somebody else has moved away from `expected`."""
        ...

    async def take_in(
        self, before: Cursors, after: Cursors, told: Sequence[Told], now: datetime
    ) -> bool:
        """Make a delivery of each event for each endpoint that it `fits`, and move the cursors.

        What an endpoint has it is not given again. False, and nothing is done, if the cursors of
        the partitions in `before` are not there: somebody else takes in.
        """
        ...
