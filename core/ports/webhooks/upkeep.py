"""Looking after what is kept of webhooks."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol


class Standing(NamedTuple):
    """Endpoints by what they are (`enabled`, `paused`, or why disabled), and what waits."""

    endpoints: Mapping[str, int]
    waiting: int
    oldest_waiting_at: datetime | None


class WebhookUpkeep(Protocol):
    """Counts, and forgets. Both methods raise `LedgerUnavailableError`."""

    async def standing(self, now: datetime) -> Standing:
        """How it stands. What waits for disabled endpoints is not counted."""
        ...

    async def prune(self, done_before: datetime, most: int) -> int:
        """Forget at most `most` deliveries that were done before then, with their attempts, and of
        endpoints that were removed; how many were forgotten.
        """
        ...
