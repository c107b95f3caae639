"""Tell what is known of the books' integrity."""

from dataclasses import dataclass

from core.entities.integrity import Integrity, integrity_of
from core.ports.clock import Clock
from core.ports.integrity_checks import IntegrityChecks


@dataclass(frozen=True, slots=True)
class ReadIntegrity:
    """Reads what the check in the background has kept."""

    checks: IntegrityChecks
    clock: Clock
    partition_count: int

    async def __call__(self) -> Integrity:
        """Of all partitions. Raises `LedgerUnavailableError`."""
        return integrity_of(await self.checks.all(), self.partition_count, self.clock.now())
