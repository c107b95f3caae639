"""Why an operator's decision about a dead letter is not carried out."""

from core.entities.dead_letter import FiledLetter
from core.errors import CounterfoilError


class DeadLetterError(CounterfoilError):
    """It was not done; the message says why. Nothing was written."""


def ensure_undecided(filed: FiledLetter) -> None:
    """Raise `DeadLetterError` if its id is decided: whatever follows would change nothing."""
    decision = filed.decision
    if decision is not None:
        raise DeadLetterError(
            f"{filed.position} is decided: transaction {filed.letter.transaction_id} was "
            f"{filed.state} at {decision.position}"
        )
