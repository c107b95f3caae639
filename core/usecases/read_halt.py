"""Whether a partition is still halted."""

from dataclasses import dataclass

from core.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ReadHalt:
    """Looks without becoming the owner."""

    ledger: Ledger

    async def __call__(self, partition: int) -> str | None:
        """The sentence that says why the partition is halted, or None.

        Raises `FencedError` when the books may have been put back; `LedgerUnavailableError`.
        """
        return (await self.ledger.position(partition)).halted
