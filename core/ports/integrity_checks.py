"""Keeping what the check in the background found."""

from collections.abc import Sequence
from typing import Protocol

from core.entities.integrity import IntegrityCheck


class IntegrityChecks(Protocol):
    """One for each partition; the last one that was kept counts, whoever kept it.

    All methods raise `LedgerUnavailableError`.
    """

    async def all(self) -> Sequence[IntegrityCheck]:
        """All that are kept, in order of partitions."""
        ...

    async def of(self, partition: int) -> IntegrityCheck | None:
        """The partition's; None if it was never checked."""
        ...

    async def keep(self, check: IntegrityCheck) -> None:
        """Keep it in place of the partition's earlier one."""
        ...
