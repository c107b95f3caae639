"""A dead letter: a record that no code could read or apply, kept until an operator decides."""

from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from core.entities.orders import Discard
from core.entities.position import Position
from core.entities.record import Record, record_hash
from core.entities.transaction import Transaction, TransactionStatus
from core.entities.transaction_id import keyed_transaction_id, may_be_ours

DEAD_LETTER_CLIENT: Final = "@dead-letter"
"""Whose command a record was that tells of no client; none can have this name."""


class DeadLetterReason(StrEnum):
    """What condemned the record. Nothing but the record itself ever does."""

    UNDECODABLE = "undecodable"
    NOT_APPLICABLE = "not_applicable"


class DeadLetter(NamedTuple):
    """The record as it lay in the log, with the reason and a sentence for the operator.

    A transaction of this id ends it, whatever made that transaction: see `dead_letter_id`.
    """

    record: Record
    reason: DeadLetterReason
    detail: str
    transaction_id: UUID


class LetterState(StrEnum):
    """What became of a dead letter. Nobody keeps it: it follows from the other books.

    `requeued` is one whose record was written again and condemned again: the newer dead letter,
    which has the same id, stands for it.
    """

    HELD = "held"
    REQUEUED = "requeued"
    POSTED = "posted"
    REJECTED = "rejected"
    DISCARDED = "discarded"


class LetterPlace(NamedTuple):
    """Where a dead letter stands among all of them, in the order in which they were condemned."""

    page_number: int
    offset: int


class FiledLetter(NamedTuple):
    """A dead letter as it stands in the books; its record's content is what this version reads.

    `has_newer` says that a newer one has the same id, `decision` how that id was decided.
    """

    page_number: int
    letter: DeadLetter
    has_newer: bool
    decision: Transaction | None

    @property
    def place(self) -> LetterPlace:
        """Its place among all of them."""
        return LetterPlace(self.page_number, self.position.offset)

    @property
    def position(self) -> Position:
        """Where the record lies in the log."""
        return self.letter.record.position

    @property
    def state(self) -> LetterState:
        """What became of it."""
        if self.decision is None:
            return LetterState.REQUEUED if self.has_newer else LetterState.HELD
        if isinstance(self.decision.command.order, Discard):
            return LetterState.DISCARDED
        is_posted = self.decision.status is TransactionStatus.POSTED
        return LetterState.POSTED if is_posted else LetterState.REJECTED


class LetterFilter(NamedTuple):
    """Which dead letters are wanted: those that wait for a decision, or all; of one reason."""

    only_held: bool = True
    reason: DeadLetterReason | None = None


def dead_letter_id(record: Record) -> UUID:
    """The id under which a condemned record is decided: the one that it bears, or, where it bears
    none of ours, one made of its position and of all that lay there. It never changes.
    """
    borne = record.content.transaction_id
    if borne is not None and may_be_ours(borne):
        return borne
    name = f"{record.position} {record_hash(record).hex()}"
    return keyed_transaction_id(DEAD_LETTER_CLIENT, name, record.position.partition)
