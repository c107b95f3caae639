"""Telling an endpoint again."""

from dataclasses import dataclass
from datetime import datetime

from core.entities.webhooks.endpoint import DisabledBecause
from core.ports.clock import Clock
from core.ports.ledger_reader import LedgerReader
from core.ports.webhooks.replays import WebhookReplays
from core.refusals import TransactionNotFoundError, WebhookDisabledError, WebhookNotFoundError
from core.usecases.checks import our_id
from core.usecases.webhooks.read_endpoint import ReadEndpoint


@dataclass(frozen=True, slots=True)
class ReplayEvents:
    """Has an endpoint told of an event, and of everything that was accepted since then.

    Partitions have no order among each other but time, so that is what "since" goes by.
    """

    read: ReadEndpoint
    reader: LedgerReader
    replays: WebhookReplays
    clock: Clock

    async def __call__(self, endpoint_id: str, event_id: str) -> datetime:
        """The time from which on everything is told.

        Raises `WebhookNotFoundError`, `WebhookDisabledError`, `TransactionNotFoundError`,
        `LedgerUnavailableError`.
        """
        endpoint = await self.read(endpoint_id)
        # Nothing is kept for it, so that the replay would be done and have told nothing.
        if endpoint.disabled_because is DisabledBecause.GONE:
            raise WebhookDisabledError(endpoint_id)
        first_id = our_id(event_id, TransactionNotFoundError)
        first = (await self.reader.transactions([first_id])).get(first_id)
        if first is None:
            raise TransactionNotFoundError(event_id)
        now = self.clock.now()
        if not await self.replays.ask(endpoint.endpoint_id, first.accepted_at, now):
            raise WebhookNotFoundError(endpoint_id)
        return first.accepted_at
