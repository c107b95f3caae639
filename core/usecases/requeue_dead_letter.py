"""Let a dead letter's record be read again."""

from dataclasses import dataclass
from typing import Final

from core.entities.dead_letter import FiledLetter, dead_letter_id
from core.entities.record import Headers, Record, Undecodable
from core.entities.shard import partition_of
from core.entities.transaction_id import shard_of_id
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
        record = filed.letter.record
        content = record.content
        if isinstance(content, Undecodable) and not even_unreadable:
            raise DeadLetterError(f"{filed.position} cannot be read yet: {content.reason}")
        again = record._replace(headers=_headers(record))
        partition = partition_of(shard_of_id(dead_letter_id(again)), self.partition_count)
        position, appended_at = await self.records.append_record(
            partition, again.key, again.value, again.headers
        )
        # The id that decides it, or under which it is condemned again.
        wanted = dead_letter_id(again._replace(position=position, recorded_at=appended_at))
        if wanted != filed.letter.transaction_id:
            # What becomes of the record would leave this dead letter's own id undecided.
            await self.log.append(discard_of(filed, f"requeued to {position}"))
        return Decided(filed.position, wanted, position)


def _headers(record: Record) -> Headers:
    kept = [(name, value) for name, value in record.headers if name != REQUEUED_FROM_HEADER]
    return [*kept, (REQUEUED_FROM_HEADER, str(record.position).encode())]
