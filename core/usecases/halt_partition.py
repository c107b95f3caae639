"""Stop posting from a partition, until an operator decides."""

from dataclasses import dataclass

from core.entities.ownership import Ownership
from core.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class HaltPartition:
    """Stores the sentence that says why."""

    ledger: Ledger

    async def __call__(self, ownership: Ownership, reason: str) -> None:
        """Halt the partition that is owned. Raises `FencedError`, `LedgerUnavailableError`."""
        await self.ledger.halt(ownership.partition, ownership.epoch, reason)
