"""See what comes of what an operator decided about dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from core.entities.dead_letter import DeadLetter
from core.entities.position import Position
from core.entities.transaction import Transaction
from core.ports.dead_letters import DeadLetters
from core.ports.position_watch import PositionWatch


class Decided(NamedTuple):
    """An operator's decision: what lay at `letter` is, or is given up, at `position` now.

    What comes of it is a transaction of the id `transaction_id`.
    """

    letter: Position
    transaction_id: UUID
    position: Position


@dataclass(frozen=True, slots=True)
class FollowDeadLetters:
    """Waits for the ledger to pass where the decisions lie."""

    letters: DeadLetters
    watch: PositionWatch

    async def __call__(
        self, decided: Sequence[Decided], within_seconds: float
    ) -> Sequence[Transaction | DeadLetter | None]:
        """For each the transaction of its id, or the dead letter that it became once more; None
        where neither is known when the time is up. Raises `LedgerUnavailableError`.
        """
        asked = [(one.transaction_id, one.position) for one in decided]
        outcomes = await self.watch.outcomes(asked, within_seconds)
        return [
            outcome or await self._condemned_again(one)
            for one, outcome in zip(decided, outcomes, strict=True)
        ]

    async def _condemned_again(self, decided: Decided) -> DeadLetter | None:
        found = await self.letters.at(decided.position)
        return None if found is None else found.letter
