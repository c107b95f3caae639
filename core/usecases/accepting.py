"""What accepting one command and accepting many have in common."""

from dataclasses import dataclass

from core.entities.command import Command, batch_item_key, fingerprint_of, shard_of_order
from core.entities.orders import Discard, type_of
from core.entities.receipt import Accepted, Receipt
from core.entities.transaction import Transaction
from core.entities.transaction_id import keyed_transaction_id
from core.errors import CommandUnconfirmedError, LogUnavailableError
from core.ports.ids import Ids
from core.refusals import IdempotencyConflictError
from core.usecases.checks import Checks
from core.usecases.drafts import CommandDraft
from core.usecases.orders import order_of


@dataclass(frozen=True, slots=True)
class NewCommand:
    """Makes commands of what clients wrote. Whether the money is there, posting says."""

    checks: Checks
    ids: Ids

    def __call__(self, draft: CommandDraft) -> Command:
        """The command, checked and with its id.

        Raises `InvalidFieldError`, `HoldNotFoundError`, `TransactionNotFoundError`.
        """
        order = order_of(draft.order, self.checks)
        reference = self.checks.reference(draft.reference)
        # Nothing and no pairs say the same.
        metadata = self.checks.metadata(draft.metadata) or None
        key = self.checks.idempotency_key(draft.idempotency_key)
        if key is not None and draft.item is not None:
            key = batch_item_key(key, draft.item)
        shard = shard_of_order(order)
        if key is None:
            transaction_id = self.ids.new_transaction_id(shard)
        else:
            transaction_id = keyed_transaction_id(draft.client, key, shard)
        return Command(
            transaction_id=transaction_id,
            type=type_of(order),
            order=order,
            reference=reference,
            metadata=metadata,
            client=draft.client,
            idempotency_key=key,
            fingerprint=fingerprint_of(order, reference, metadata),
            request_id=draft.request_id,
        )


def accepted(command: Command, receipt: Receipt, outcome: Transaction | None) -> Accepted:
    """A command that lies in the log, and what became of it, as far as that is known.

    Raises `IdempotencyConflictError` where another command has its id.
    """
    if outcome is not None and outcome.position != receipt.position:
        return replay(command, outcome)
    return Accepted(receipt, outcome, replayed=False)


def replay(command: Command, transaction: Transaction) -> Accepted:
    """The answer to the same command, given again; `IdempotencyConflictError` to another one.

    A discard is the answer to whatever has its id: what the record asked for, nobody could read.
    """
    is_discarded = isinstance(transaction.command.order, Discard)
    if not is_discarded and transaction.command.fingerprint != command.fingerprint:
        raise IdempotencyConflictError(transaction.command.transaction_id)
    receipt = Receipt(command.transaction_id, transaction.position, transaction.accepted_at)
    return Accepted(receipt, transaction, replayed=command.idempotency_key is not None)


def unconfirmed(command: Command, error: LogUnavailableError) -> CommandUnconfirmedError:
    """The log's error, with the id under which the command may be found later."""
    return CommandUnconfirmedError(
        str(error),
        may_have_been_accepted=error.may_have_been_accepted,
        transaction_id=command.transaction_id,
    )
