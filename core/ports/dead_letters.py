"""The operator's view of what could not be read or applied."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from core.entities.dead_letter import FiledLetter, LetterFilter, LetterPlace
from core.entities.position import Position


class DeadLetters(Protocol):
    """Reads dead letters, as they stand now. They are history: nothing here changes them.

    The content of each one's record is what this version reads in its bytes, which may be more
    than the version that condemned it did. All methods raise `LedgerUnavailableError`.
    """

    async def letters(
        self, wanted: LetterFilter, after: LetterPlace | None, limit: int
    ) -> Sequence[FiledLetter]:
        """At most `limit` of those that are wanted, in the order in which they were condemned,
        from `after` (excluded) on.
        """
        ...

    async def held(self) -> Mapping[int, int]:
        """For each partition how many of its dead letters wait for an operator; partitions of
        which none does are absent.
        """
        ...

    async def at(self, position: Position) -> FiledLetter | None:
        """The dead letter at this position; of several logs that had it, the newest."""
        ...

    async def of(self, transaction_id: UUID) -> FiledLetter | None:
        """The newest dead letter of this id."""
        ...
