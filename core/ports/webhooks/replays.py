"""Telling an endpoint again."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from core.ports.webhooks.intake import Told


class Replay(NamedTuple):
    """Everything that was accepted at `since` or later is to be told again.

    `cursor` is where the list of transactions goes on. What was tried after `asked_at` was told
    again, or told first, since then.
    """

    endpoint_id: UUID
    since: datetime
    asked_at: datetime
    cursor: str | None = None


class WebhookReplays(Protocol):
    """Keeps what is to be told again until it is done. Raises `LedgerUnavailableError`."""

    async def ask(self, endpoint_id: UUID, since: datetime, now: datetime) -> bool:
        """Have everything since then told again; False if there is no such endpoint.

        One that is under way begins anew, with the earlier of both times.
        """
        ...

    async def next(self) -> Replay | None:
        """The one that was asked for first; None if all are done."""
        ...

    async def advance(
        self, replay: Replay, told: Sequence[Told], cursor: str | None, now: datetime
    ) -> bool:
        """Have the endpoint told of those that it `fits`, and go on at `cursor`; None is the end.

        What it never had becomes a delivery, what was tried before the replay was asked for waits
        again. False, and nothing is done, if the replay is not where it was.
        """
        ...
