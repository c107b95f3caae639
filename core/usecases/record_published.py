"""Remember how far outcomes are told, when no page comes to carry it along."""

from dataclasses import dataclass

from core.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class RecordPublished:
    """Moves a partition's published offset."""

    ledger: Ledger

    async def __call__(self, partition: int, epoch: int, next_offset: int, told_page: int) -> None:
        """Outcomes before `next_offset` need not be told again, nor pages up to `told_page`.

        Raises `FencedError`, `LedgerUnavailableError`.
        """
        await self.ledger.mark_published(partition, epoch, next_offset, told_page)
