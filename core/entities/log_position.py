"""How far the ledger has got in a partition of its log, and what it remembers of that log."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogPosition:
    """The ledger's side of one partition.

    `next_offset` is the first offset not yet posted, `published_offset` the first whose outcome
    is not known to be published, `told_page` the last page whose row is known to be told. `epoch`
    rises at each take-over. `topic_id` and `last_record_hash` identify the log that was posted
    from; None before the first page. `halted` is the sentence that says why posting stopped until
    an operator decides, or None.
    """

    partition: int
    epoch: int
    next_offset: int
    published_offset: int
    told_page: int
    topic_id: str | None
    last_record_hash: bytes | None
    condemned_in_a_row: int
    halted: str | None
    updated_at: datetime


def untouched(partition: int, now: datetime) -> LogPosition:
    """The position of a partition that nobody ever took over."""
    return LogPosition(
        partition=partition,
        epoch=0,
        next_offset=0,
        published_offset=0,
        told_page=0,
        topic_id=None,
        last_record_hash=None,
        condemned_in_a_row=0,
        halted=None,
        updated_at=now,
    )
