"""The newest signed heads."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.entities.signed_head import SignedHead
from core.ports.signed_heads import Proofs
from core.refusals import NotSignedError
from core.usecases.checks import Checks


@dataclass(frozen=True, slots=True)
class ReadSignedHeads:
    """Of each partition, or of one."""

    checks: Checks
    proofs: Proofs

    async def __call__(self, partition: int | None) -> Sequence[SignedHead]:
        """The newest of each partition, by partition; of one that has none yet there is none.

        Raises `InvalidFieldError`, `LedgerUnavailableError`; `NotSignedError` if none was ever
        signed.
        """
        if partition is not None:
            self.checks.partition(partition)
        newest = await self.proofs.newest()
        if not newest:
            raise NotSignedError
        return [newest[one] for one in sorted(newest) if partition in {None, one}]
