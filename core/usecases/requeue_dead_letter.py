"""Let a dead letter's record be read again."""

from dataclasses import dataclass
from typing import Final

from core.entities.dead_letter import FiledLetter
from core.entities.record import Headers, Undecodable
from core.entities.shard import partition_of
from core.entities.transaction_id import may_be_ours, shard_of_id
from core.ports.command_log import CommandLog
from core.ports.record_log import RecordLog
from core.usecases.dead_letter_errors import DeadLetterError, ensure_undecided
from core.usecases.discard_dead_letter import discard_of
from core.usecases.follow_dead_letters import Decided

REQUEUED_FROM_HEADER: Final = "requeued_from"


@dataclass(frozen=True, slots=True)
class RequeueDeadLetter:
    """Appends the record to the log once more: key, value and headers as they were, and a header
    that says where it lay.

    It goes where its id belongs. However often it is requeued, that id is decided once.
    """

    records: RecordLog
    log: CommandLog
    partition_count: int

    async def __call__(self, filed: FiledLetter, *, even_unreadable: bool = False) -> Decided:
        """Where the record lies now.

        Raises `DeadLetterError` if it is decided already, or if this version cannot read it and
        `even_unreadable` does not say to requeue it nevertheless; `LogUnavailableError`.
        """
        ensure_undecided(filed)
        letter, record = filed.letter, filed.letter.record
        content = record.content
        if isinstance(content, Undecodable) and not even_unreadable:
            raise DeadLetterError(f"{filed.position} cannot be read yet: {content.reason}")
        borne = content.transaction_id
        wanted = borne if borne is not None and may_be_ours(borne) else letter.transaction_id
        appended = await self.records.append_record(
            partition_of(shard_of_id(wanted), self.partition_count),
            record.key,
            record.value,
            _headers(filed),
        )
        if borne != letter.transaction_id:
            # What becomes of the record has another id, and would leave this one undecided.
            await self.log.append(discard_of(filed, f"requeued to {appended.position}"))
        return Decided(filed.position, wanted, appended.position)


def _headers(filed: FiledLetter) -> Headers:
    record = filed.letter.record
    kept = [(name, value) for name, value in record.headers if name != REQUEUED_FROM_HEADER]
    return [*kept, (REQUEUED_FROM_HEADER, str(record.position).encode())]
