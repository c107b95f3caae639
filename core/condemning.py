"""Finding the record that cannot be applied, and nothing but it.

A record is condemned by its own bytes or by `post` raising on it alone; never by an error of a
database, of Kafka, or by one that only a whole page brings about.
"""

from collections.abc import Callable, Sequence
from typing import Final

from core.entities.command import LoggedCommand
from core.entities.dead_letter import DeadLetter, DeadLetterReason, dead_letter_id
from core.entities.page import LedgerState, Page
from core.entities.record import Record, Undecodable
from core.entities.shard import partition_of
from core.entities.transaction_id import shard_of_id

Post = Callable[[Sequence[LoggedCommand], LedgerState], Page]

MAX_DETAIL_CHARACTERS: Final = 500


def not_applicable(
    post: Post, commands: Sequence[LoggedCommand], state: LedgerState
) -> dict[int, Exception]:
    """By offset, the commands on which `post` raises when it is given nothing else."""
    try:
        post(commands, state)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, the question is whose fault)
        if len(commands) == 1:
            return {commands[0].position.offset: error}
    else:
        return {}
    middle = len(commands) // 2
    return not_applicable(post, commands[:middle], state) | not_applicable(
        post, commands[middle:], state
    )


def in_its_place(record: Record, partition_count: int) -> Record:
    """The record, undecodable if its user's commands belong into another partition.

    Two partitions would otherwise number one user's commands, and know nothing of each other's.
    """
    content = record.content
    if isinstance(content, Undecodable):
        return record
    partition = partition_of(shard_of_id(content.transaction_id), partition_count)
    if partition == record.position.partition:
        return record
    reason = f"commands of this user belong into partition {partition}"
    return record._replace(content=Undecodable(reason, content.transaction_id))


def dead_letter_of(record: Record, raised: Exception | None) -> DeadLetter | None:
    """The dead letter that the record becomes: it cannot be read, or `post` raised on it."""
    content = record.content
    if isinstance(content, Undecodable):
        return DeadLetter(
            record,
            DeadLetterReason.UNDECODABLE,
            content.reason[:MAX_DETAIL_CHARACTERS],
            dead_letter_id(record),
        )
    if raised is None:
        return None
    detail = f"{type(raised).__name__}: {raised}"[:MAX_DETAIL_CHARACTERS]
    return DeadLetter(record, DeadLetterReason.NOT_APPLICABLE, detail, dead_letter_id(record))
