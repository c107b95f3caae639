"""Working off what is to be told again."""

from dataclasses import dataclass
from typing import Final

from core.entities.outcome_event import TYPE_OF_STATUS
from core.ports.clock import Clock
from core.ports.webhooks.intake import Told
from core.ports.webhooks.replays import WebhookReplays
from core.usecases.list_transactions import ListTransactions, TransactionsDraft

PAGE_TRANSACTIONS: Final = 500


@dataclass(frozen=True, slots=True)
class WorkOffReplay:
    """Makes deliveries of what the ledger holds, page by page: it holds more than any topic."""

    replays: WebhookReplays
    list_transactions: ListTransactions
    clock: Clock

    async def __call__(self) -> bool:
        """One page of the replay that was asked for first; whether there was one.

        Raises `LedgerUnavailableError`.
        """
        replay = await self.replays.next()
        if replay is None:
            return False
        page = await self.list_transactions(
            TransactionsDraft(since=replay.since, cursor=replay.cursor, limit=PAGE_TRANSACTIONS)
        )
        told = [
            Told(one.command.transaction_id, TYPE_OF_STATUS[one.status])
            for one in page.transactions
        ]
        await self.replays.advance(replay, told, page.next_cursor, self.clock.now())
        return True
