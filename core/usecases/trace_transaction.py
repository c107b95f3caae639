"""Follow one transaction through all that is kept of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.entities.command import Command
from core.entities.posted_page import PostedPage
from core.entities.record import Record
from core.entities.shard import partition_of
from core.entities.trace import Accepted, Notice, NotPublished, Published, Trace
from core.entities.transaction import Transaction
from core.entities.transaction_id import shard_of_id
from core.errors import CounterfoilError
from core.ports.dead_letters import DeadLetters
from core.ports.ledger_reader import LedgerReader
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.ports.webhooks.log import WebhookLog
from core.usecases.find_published import FindPublished
from core.usecases.find_waiting import FindWaiting


class NotTracedError(CounterfoilError):
    """Nothing was found of an id; the message says where it was looked for."""


@dataclass(frozen=True, slots=True)
class TraceTransaction:
    """Asks the books first, then the log for what they do not know, then those who tell."""

    reader: LedgerReader
    letters: DeadLetters
    find_waiting: FindWaiting
    find_published: FindPublished
    endpoints: WebhookEndpoints
    deliveries: WebhookLog
    partition_count: int

    async def __call__(self, transaction_id: UUID) -> Trace:
        """All that is known of it. An outcome that cannot be looked for is said to be so.

        Raises `NotTracedError`, `LedgerUnavailableError`, and, where the log alone could tell,
        `LogUnavailableError` and `HaltError`.
        """
        partition = partition_of(shard_of_id(transaction_id), self.partition_count)
        # First of all: what is posted after this read still lies beyond it, and is found there.
        standing = (await self.reader.positions()).get(partition)
        transaction = (await self.reader.transactions([transaction_id])).get(transaction_id)
        letter = await self.letters.of(transaction_id)
        page = await self.reader.page_of(transaction_id)
        trace = Trace(transaction_id, standing=standing, letter=letter, page=page)
        if transaction is None:
            return await self._undecided(trace, partition)
        return trace._replace(
            transaction=transaction,
            accepted=Accepted(transaction.position, transaction.accepted_at, transaction.command),
            published=await self._published(transaction, page),
            notices=await self._notices(transaction_id),
        )

    async def _undecided(self, trace: Trace, partition: int) -> Trace:
        next_offset = 0 if trace.standing is None else trace.standing.next_offset
        waiting = await self.find_waiting(trace.transaction_id, partition, next_offset)
        if waiting.record is not None:
            return trace._replace(accepted=_accepted(waiting.record), ahead=waiting.looked_at - 1)
        if trace.letter is not None:
            return trace._replace(accepted=_accepted(trace.letter.letter.record))
        which = "the" if waiting.is_all else "the first"
        raise NotTracedError(
            f"nothing has the id {trace.transaction_id}: no transaction, no dead letter, and none "
            f"of {which} {waiting.looked_at} records that wait to be posted"
        )

    async def _published(
        self, transaction: Transaction, page: PostedPage | None
    ) -> Published | NotPublished:
        written_at = transaction.posted_at if page is None else page.written_at
        return await self.find_published(transaction, written_at)

    async def _notices(self, transaction_id: UUID) -> Sequence[Notice]:
        notices = []
        for endpoint in await self.endpoints.all():
            found = await self.deliveries.delivery(endpoint.endpoint_id, transaction_id)
            if found is not None:
                notices.append(Notice(endpoint, *found))
        return notices


def _accepted(record: Record) -> Accepted:
    content = record.content
    command = content if isinstance(content, Command) else None
    return Accepted(record.position, record.recorded_at, command)
