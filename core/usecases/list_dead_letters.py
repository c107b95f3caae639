"""Show what waits for an operator, and what became of what did."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from core.entities.dead_letter import FiledLetter, LetterFilter
from core.ports.dead_letters import DeadLetters

LETTERS_AT_ONCE: Final = 100
"""Each comes with its bytes."""


@dataclass(frozen=True, slots=True)
class ListDeadLetters:
    """Reads them page by page, the oldest first."""

    letters: DeadLetters

    async def __call__(self, wanted: LetterFilter) -> AsyncIterator[FiledLetter]:
        """All that are wanted, until the caller has enough. Raises `LedgerUnavailableError`."""
        page = await self.letters.letters(wanted, None, LETTERS_AT_ONCE)
        while page:
            for one in page:
                yield one
            page = await self.letters.letters(wanted, page[-1].place, LETTERS_AT_ONCE)
