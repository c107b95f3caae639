"""Make sure that a partition stands where its worker left it."""

from dataclasses import dataclass

from core.entities.ownership import Ownership
from core.errors import FencedError
from core.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class CheckOwnership:
    """For a worker that has nothing to post, and would notice nothing else of its books."""

    ledger: Ledger

    async def __call__(self, ownership: Ownership) -> None:
        """Raises `FencedError` when another worker owns the partition, or its books were put back
        to an earlier moment; `LedgerUnavailableError`.
        """
        position = await self.ledger.position(ownership.partition)
        found = position.epoch, position.next_offset
        if found != (ownership.epoch, ownership.next_offset):
            raise FencedError(
                f"partition {ownership.partition} was left at offset {ownership.next_offset} under "
                f"epoch {ownership.epoch}, and is at {found[1]} under {found[0]}"
            )
