"""A dead letter: a record that no code could read or apply, kept until an operator decides."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from core.entities.record import Record


class DeadLetterReason(StrEnum):
    """What condemned the record. Nothing but the record itself ever does."""

    UNDECODABLE = "undecodable"
    NOT_APPLICABLE = "not_applicable"


class DeadLetter(NamedTuple):
    """The record as it lay in the log, with the reason and a sentence for the operator."""

    record: Record
    reason: DeadLetterReason
    detail: str
    transaction_id: UUID | None
