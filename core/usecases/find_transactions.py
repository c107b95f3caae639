"""Transactions by what a client knows of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.entities.transaction import Transaction
from core.ports.ledger_reader import LedgerReader
from core.usecases.checks import Checks


@dataclass(frozen=True, slots=True)
class FindTransactions:
    """Finds what an idempotency key became."""

    checks: Checks
    reader: LedgerReader

    async def __call__(self, client: str, idempotency_key: str) -> Sequence[Transaction]:
        """The decided transactions under the client's key.

        Raises `InvalidFieldError`, `LedgerUnavailableError`.
        """
        key = self.checks.stored_key(idempotency_key)
        found = await self.reader.transaction_by_key(client, key)
        return [] if found is None else [found]
