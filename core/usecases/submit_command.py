"""Accept a command: hand back a receipt at once, or what an earlier one under its key became."""

from dataclasses import dataclass

from core.entities.command import Command
from core.entities.receipt import Accepted, Receipt
from core.entities.transaction import Transaction
from core.errors import LedgerUnavailableError, LogUnavailableError, PipelineFullError
from core.ports.command_log import Appended, CommandLog
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.usecases.accepting import NewCommand, accepted, replay, unconfirmed
from core.usecases.drafts import CommandDraft


@dataclass(frozen=True, slots=True)
class SubmitCommand:
    """Puts a command into the log."""

    new_command: NewCommand
    log: CommandLog
    reader: LedgerReader
    watch: PositionWatch

    async def __call__(self, draft: CommandDraft, wait_seconds: float) -> Accepted:
        """Append the command, and wait at most `wait_seconds` for its transaction.

        Raises `InvalidFieldError`, `HoldNotFoundError`, `TransactionNotFoundError`,
        `IdempotencyConflictError`, `CommandUnconfirmedError`, `PipelineFullError`.
        """
        command = self.new_command(draft)
        earlier = await self._earlier(command)
        if earlier is not None:
            return replay(command, earlier)
        receipt = Receipt(command.transaction_id, *await self._append(command))
        outcome = None
        if wait_seconds > 0:
            outcome = await self.watch.outcome(
                command.transaction_id, receipt.position, wait_seconds
            )
        return accepted(command, receipt, outcome)

    async def _append(self, command: Command) -> Appended:
        try:
            return await self.log.append(command)
        except PipelineFullError:
            raise
        except LogUnavailableError as error:
            raise unconfirmed(command, error) from error

    async def _earlier(self, command: Command) -> Transaction | None:
        if command.idempotency_key is None:
            return None
        try:
            return await self.reader.transaction_by_key(command.client, command.idempotency_key)
        except LedgerUnavailableError:
            # Accepting goes on without the books: posting knows the id, and has the last word.
            return None
