"""Give a dead letter up."""

from dataclasses import dataclass
from uuid import UUID

from core.entities.command import Command, fingerprint_of
from core.entities.dead_letter import DEAD_LETTER_CLIENT, FiledLetter
from core.entities.orders import Discard, type_of
from core.entities.record import Undecodable
from core.ports.command_log import CommandLog
from core.usecases.checks import Checks
from core.usecases.dead_letter_errors import ensure_undecided
from core.usecases.follow_dead_letters import Decided


@dataclass(frozen=True, slots=True)
class DiscardDeadLetter:
    """Puts the decision into the log; posting makes it a rejected transaction of the letter's id.

    Whichever the log brings first counts, this or the record itself, requeued.
    """

    checks: Checks
    log: CommandLog

    async def __call__(self, filed: FiledLetter, reason: str) -> Decided:
        """Where the decision lies. Its client reads `reason`.

        Raises `DeadLetterError` if it is decided already, `InvalidFieldError`,
        `LogUnavailableError`.
        """
        ensure_undecided(filed)
        command = discard_of(filed, self.checks.reason(reason))
        appended = await self.log.append(command)
        return Decided(filed.position, command.transaction_id, appended.position)


def discard_of(filed: FiledLetter, reason: str) -> Command:
    """The command that gives the letter up, in the name of whose command it was, where that can be
    read: so it is found under its key.
    """
    letter = filed.letter
    order = Discard(letter.transaction_id, letter.record.position, reason)
    client, idempotency_key = _whose(filed, letter.transaction_id)
    return Command(
        transaction_id=letter.transaction_id,
        type=type_of(order),
        order=order,
        reference=None,
        metadata=None,
        client=client,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint_of(order, None, None),
        request_id=f"discard-{letter.record.position}",
    )


def _whose(filed: FiledLetter, transaction_id: UUID) -> tuple[str, str | None]:
    content = filed.letter.record.content
    if isinstance(content, Undecodable) or content.transaction_id != transaction_id:
        return DEAD_LETTER_CLIENT, None
    return content.client, content.idempotency_key
