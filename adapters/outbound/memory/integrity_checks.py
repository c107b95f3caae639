"""What the check in the background found, in memory."""

from collections.abc import Sequence

from core.entities.integrity import IntegrityCheck


class MemoryIntegrityChecks:
    """`IntegrityChecks` of one process."""

    def __init__(self) -> None:
        self._checks: dict[int, IntegrityCheck] = {}

    async def all(self) -> Sequence[IntegrityCheck]:
        """All that are kept."""
        return [self._checks[partition] for partition in sorted(self._checks)]

    async def of(self, partition: int) -> IntegrityCheck | None:
        """The partition's."""
        return self._checks.get(partition)

    async def keep(self, check: IntegrityCheck) -> None:
        """Keep it."""
        self._checks[check.partition] = check
