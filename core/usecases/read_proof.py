"""Prove a transaction to whoever has the ledger's public key, and no way to its books."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core.entities.proof import Proof
from core.entities.receipt import Pending
from core.entities.transaction import Transaction
from core.errors import BrokenInvariantError
from core.ports.clock import Clock
from core.ports.signed_heads import Proofs, Stretch
from core.proof.chain import chained
from core.proof.leaves import by_offset, leaves_of
from core.proof.proofs import proof_of
from core.refusals import NotSignedError, NotYetSignedError, TransactionNotFoundError
from core.usecases.checks import Checks
from core.usecases.read_transaction import ReadTransaction

FIRST_SIGNATURE_WITHIN: Final = timedelta(seconds=30)
"""Of a ledger's first transaction. Where nothing was ever signed by then, nobody signs."""
RECORDS_AT_ONCE: Final = 200
"""Read and hashed between two turns of whoever else is answered: a few milliseconds."""


@dataclass(frozen=True, slots=True)
class ReadProof:
    """Computes all leaves anew, so that nothing is proven that the books do not say."""

    checks: Checks
    read_transaction: ReadTransaction
    proofs: Proofs
    clock: Clock

    async def __call__(
        self, transaction_id: str, user_id: str | None, position: str | None
    ) -> Proof:
        """The transaction's proof. It shows the entries of `user_id`, by default those of the one
        user that has any; where there are several, of nobody.

        Raises `InvalidFieldError`, `TransactionNotFoundError` (also where `user_id` is no party),
        `NotSignedError`, `NotYetSignedError`, `LedgerUnavailableError`, and `LogUnavailableError`
        where only the log could tell; `BrokenInvariantError` when the books were changed.
        """
        shown_to = None if user_id is None else self.checks.user_id(user_id)
        transaction = await self.read_transaction(transaction_id, position)
        if isinstance(transaction, Pending):
            raise NotYetSignedError
        shown_to = _shown_to(transaction, shown_to)
        stretch = await self.proofs.stretch(transaction.command.transaction_id)
        if stretch is None:
            await self._refuse(transaction)
            raise NotYetSignedError
        return proof_of(transaction, shown_to, stretch, await self._leaves(stretch))

    async def _refuse(self, transaction: Transaction) -> None:
        """Raise `NotSignedError` where waiting would be in vain."""
        partition, offset = transaction.position
        newest = await self.proofs.newest()
        if not newest and self.clock.now() - transaction.posted_at > FIRST_SIGNATURE_WITHIN:
            raise NotSignedError
        if partition in newest and newest[partition].statement.next_offset > offset:
            # Later pages are signed, and this one cannot be reached from them.
            raise NotSignedError

    async def _leaves(self, stretch: Stretch) -> list[bytes]:
        partition = stretch.signed_head.statement.partition
        head, leaves = stretch.head_before, list[bytes]()
        for start in range(stretch.offsets.start, stretch.offsets.stop, RECORDS_AT_ONCE):
            offsets = range(start, min(start + RECORDS_AT_ONCE, stretch.offsets.stop))
            outcomes = by_offset(*await self.proofs.outcomes(stretch, offsets))
            some = [*leaves_of(stretch.secret, partition, offsets, outcomes)]
            head = chained(head, some)
            leaves += some
        if head != stretch.signed_head.statement.head:
            raise BrokenInvariantError(
                f"pages {stretch.first_page} to {stretch.signed_head.statement.page_number} of "
                f"partition {partition} do not lead to the head that was signed: they were changed"
            )
        return leaves


def _shown_to(transaction: Transaction, user_id: str | None) -> str | None:
    """Whose entries are shown. The house's are nobody's business, nor are a payer's the payee's."""
    users = {one.account.user_id for one in transaction.entries if not one.account.is_settlement}
    if user_id is None:
        return next(iter(users)) if len(users) == 1 else None
    if user_id not in users | {transaction.user_id}:
        raise TransactionNotFoundError(str(transaction.command.transaction_id))
    return user_id
