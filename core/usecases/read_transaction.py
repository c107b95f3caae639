"""What became of a command."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.entities.position import Position
from core.entities.receipt import Pending
from core.entities.shard import partition_of
from core.entities.transaction import Transaction
from core.entities.transaction_id import shard_of_id
from core.errors import LogUnavailableError
from core.ports.command_log import CommandLog
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import TransactionNotFoundError
from core.usecases.checks import Checks, our_id

CATCH_UP_SECONDS: Final = 1.0
"""How long an unknown id is waited for, so that "unknown" means unknown."""


@dataclass(frozen=True, slots=True)
class ReadTransaction:
    """An accepted id is never unknown: what the books do not tell, the log's end does."""

    checks: Checks
    log: CommandLog
    reader: LedgerReader
    watch: PositionWatch

    async def __call__(self, transaction_id: str, position: str | None) -> Transaction | Pending:
        """The transaction, or that it is pending.

        Raises `InvalidFieldError`, `TransactionNotFoundError`, `LedgerUnavailableError`, and
        `LogUnavailableError` where only the log could tell.
        """
        wanted = our_id(transaction_id, TransactionNotFoundError)
        receipt_position = self.checks.position(position)
        try:
            return await self._known(wanted, receipt_position)
        except TransactionNotFoundError:
            return await self._behind(wanted, receipt_position)

    async def _behind(
        self, wanted: UUID, receipt_position: Position | None
    ) -> Transaction | Pending:
        partition = partition_of(shard_of_id(wanted), self.checks.partition_count)
        pending = Pending(wanted, receipt_position)
        waits = await self._waits(receipt_position, partition)
        try:
            end_offset = await self.log.end(partition)
        except LogUnavailableError:
            if waits:
                return pending
            raise
        if waits and receipt_position is not None and receipt_position.offset < end_offset:
            return pending
        last = Position(partition, end_offset - 1)
        if end_offset > 0 and not await self.watch.passed(last, CATCH_UP_SECONDS):
            return pending
        return await self._known(wanted, receipt_position)

    async def _known(
        self, wanted: UUID, receipt_position: Position | None
    ) -> Transaction | Pending:
        transaction = await self._find(wanted)
        if transaction is not None:
            return transaction
        if await self.reader.is_dead_letter(wanted):
            return Pending(wanted, receipt_position, held_for_operator=True)
        raise TransactionNotFoundError(str(wanted))

    async def _waits(self, position: Position | None, partition: int) -> bool:
        """Whether the record that a receipt names is still to be posted."""
        if position is None or position.partition != partition:
            return False
        return (await self.reader.next_offsets()).get(partition, 0) <= position.offset

    async def _find(self, wanted: UUID) -> Transaction | None:
        return (await self.reader.transactions([wanted])).get(wanted)
