"""Accept a command: hand back a receipt at once, or what an earlier one under its key became."""

from dataclasses import dataclass

from core.entities.command import Command, fingerprint_of
from core.entities.receipt import Accepted, Receipt
from core.entities.shard import shard_of
from core.entities.transaction import Transaction
from core.entities.transaction_id import keyed_transaction_id
from core.errors import CommandUnconfirmedError, LedgerUnavailableError, LogUnavailableError
from core.ports.command_log import Appended, CommandLog
from core.ports.ids import Ids
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import IdempotencyConflictError
from core.usecases.drafts import Checks, CommandDraft


@dataclass(frozen=True, slots=True)
class SubmitCommand:
    """Puts a command into the log. Decides nothing: whether the money is there, posting says."""

    checks: Checks
    ids: Ids
    log: CommandLog
    reader: LedgerReader
    watch: PositionWatch

    async def __call__(self, draft: CommandDraft, wait_seconds: float) -> Accepted:
        """Append the command, and wait at most `wait_seconds` for its transaction.

        Raises `InvalidFieldError`, `IdempotencyConflictError`, `CommandUnconfirmedError`.
        """
        command = self._command(draft)
        earlier = await self._earlier(command)
        if earlier is not None:
            return _replay(command, earlier)
        position, appended_at = await self._append(command)
        receipt = Receipt(command.transaction_id, position, appended_at)
        if wait_seconds <= 0:
            return Accepted(receipt, None, replayed=False)
        transaction = await self.watch.outcome(command.transaction_id, position, wait_seconds)
        if transaction is None:
            return Accepted(receipt, None, replayed=False)
        if transaction.position != position:
            return _replay(command, transaction)
        return Accepted(receipt, transaction, replayed=False)

    def _command(self, draft: CommandDraft) -> Command:
        checks = self.checks
        user_id = checks.user_id(draft.user_id)
        currency = checks.currency(draft.currency)
        amount = checks.amount(draft.amount, currency)
        reference = checks.reference(draft.reference)
        key = checks.idempotency_key(draft.idempotency_key)
        shard = shard_of(user_id)
        if key is None:
            transaction_id = self.ids.new_transaction_id(shard)
        else:
            transaction_id = keyed_transaction_id(draft.client, key, shard)
        fingerprint = fingerprint_of(draft.type, user_id, amount, currency.code, reference)
        return Command(
            transaction_id=transaction_id,
            type=draft.type,
            user_id=user_id,
            amount=amount,
            currency=currency.code,
            reference=reference,
            client=draft.client,
            idempotency_key=key,
            fingerprint=fingerprint,
            request_id=draft.request_id,
        )

    async def _append(self, command: Command) -> Appended:
        try:
            return await self.log.append(command)
        except LogUnavailableError as error:
            raise CommandUnconfirmedError(
                str(error),
                may_have_been_accepted=error.may_have_been_accepted,
                transaction_id=command.transaction_id,
            ) from error

    async def _earlier(self, command: Command) -> Transaction | None:
        if command.idempotency_key is None:
            return None
        try:
            return await self.reader.transaction_by_key(command.client, command.idempotency_key)
        except LedgerUnavailableError:
            # Accepting goes on without the books: posting knows the id, and has the last word.
            return None


def _replay(command: Command, transaction: Transaction) -> Accepted:
    if transaction.command.fingerprint != command.fingerprint:
        raise IdempotencyConflictError(transaction.command.transaction_id)
    receipt = Receipt(command.transaction_id, transaction.position, transaction.accepted_at)
    return Accepted(receipt, transaction, replayed=command.idempotency_key is not None)
