"""Find one dead letter, by what an operator has in hand."""

from dataclasses import dataclass
from uuid import UUID

from core.entities.dead_letter import FiledLetter
from core.entities.position import Position
from core.ports.dead_letters import DeadLetters
from core.usecases.dead_letter_errors import DeadLetterError


@dataclass(frozen=True, slots=True)
class FindDeadLetter:
    """By its position, which the lists show, or by its id, which its client has."""

    letters: DeadLetters

    async def __call__(self, name: str) -> FiledLetter:
        """The dead letter. Raises `DeadLetterError`, `LedgerUnavailableError`."""
        found = await self._found(name)
        if found is None:
            raise DeadLetterError(f"there is no dead letter {name}")
        return found

    async def _found(self, name: str) -> FiledLetter | None:
        try:
            if ":" in name:
                return await self.letters.at(Position.parse(name))
            transaction_id = UUID(name)
        except ValueError:
            raise DeadLetterError(
                f"{name} is neither a position, such as 3:1234, nor an id"
            ) from None
        return await self.letters.of(transaction_id)
