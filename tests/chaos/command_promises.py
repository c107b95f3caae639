"""P1, P2 and P7: what became of commands is what their clients were told."""

from collections.abc import Iterator
from typing import Final

from core.entities.position import Position
from tests.chaos.books import BookTransaction
from tests.chaos.evidence import Breach, Evidence, Harm
from tests.chaos.history import Attempt, Call, Outcome

ONCE: Final = "P1 one command, at most one transaction"
DECIDED: Final = "P2 an accepted command is decided"
TRUTH: Final = "P7 unknown is called unknown, and a failure is one"
EXPIRY: Final = "expire"
"""The one type of transaction that no client asks for."""


def posted_once(evidence: Evidence) -> Iterator[Breach]:
    """No call is two transactions, and all that its client was told of it is one id."""
    for call in evidence.history.calls:
        found = evidence.by_reference.get(call.reference, [])
        if len(found) > 1:
            ids = [one.transaction_id for one in found]
            yield Breach(Harm.DOUBLED, ONCE, f"{call.reference} is {len(ids)} transactions: {ids}")
        told = {one.transaction_id for one in call.attempts if one.transaction_id is not None}
        if call.key is not None and len(told) > 1:
            yield Breach(Harm.DOUBLED, ONCE, f"{call.reference} was told several ids: {told}")


def each_key_once(evidence: Evidence) -> Iterator[Breach]:
    """No key is two transactions."""
    ids: dict[str, str] = {}
    for one in evidence.books.transactions:
        if one.idempotency_key is None:
            continue
        first = ids.setdefault(one.idempotency_key, one.transaction_id)
        if first != one.transaction_id:
            sentence = f"key {one.idempotency_key} is {first} and {one.transaction_id}"
            yield Breach(Harm.DOUBLED, ONCE, sentence)


def accepted_is_decided(evidence: Evidence) -> Iterator[Breach]:
    """What was accepted is in the books, under the id and as was told, no later in the log."""
    for call in evidence.history.calls:
        for attempt in call.attempts:
            if attempt.outcome is not Outcome.OK:
                continue
            found = evidence.by_id.get(attempt.transaction_id or "")
            if found is None:
                yield Breach(Harm.LOST, DECIDED, f"{call.reference} was accepted: {attempt}")
            else:
                yield from _as_told(call, attempt, found)
                yield from _as_decided(evidence, call, attempt, found)


def accepted_is_never_unknown(evidence: Evidence) -> Iterator[Breach]:
    """Who looked an accepted id up found it, and found what the books say."""
    for look in evidence.history.looks:
        if look.status not in {200, 503}:
            sentence = f"{look.reference} was accepted, then answered with {look.status}"
            yield Breach(Harm.LOST, DECIDED, sentence)
        found = evidence.by_id.get(look.transaction_id)
        if found is None or look.state in {None, "pending"}:
            continue
        decided = _decided(evidence, found, look.invoked_at, look.answered_at)
        if look.state not in {one.status for one in decided}:
            sentence = f"{look.reference} was {look.state}, and is {found.status} in the books"
            yield Breach(Harm.WRONG, TRUTH, sentence)


def failed_is_not_there(evidence: Evidence) -> Iterator[Breach]:
    """What was said to have failed, each time that it was sent, is not in the books."""
    for call in evidence.history.calls:
        if call.outcome is Outcome.FAIL and evidence.by_reference.get(call.reference):
            yield Breach(Harm.WRONG, TRUTH, f"{call.reference} failed, and is in the books")


def nothing_is_invented(evidence: Evidence) -> Iterator[Breach]:
    """Every transaction is of a call, and says what its client asked for."""
    for one in evidence.books.transactions:
        if one.type == EXPIRY:
            continue
        call = evidence.calls.get(one.reference or "")
        if call is None:
            yield Breach(Harm.WRONG, ONCE, f"nobody asked for {one}")
        elif not _is_what_was_asked(call, one):
            yield Breach(Harm.WRONG, ONCE, f"{call.order} became {one}")


def _as_told(call: Call, attempt: Attempt, found: BookTransaction) -> Iterator[Breach]:
    if found.reference != call.reference:
        yield Breach(Harm.WRONG, TRUTH, f"{call.reference} was given the id of {found.reference}")
    if attempt.position is None:
        return
    told = Position.parse(attempt.position)
    stored = Position(found.log_partition, found.log_offset)
    # A command that lies in the log twice is posted from its first record.
    if told.partition != stored.partition or stored.offset > told.offset:
        sentence = f"{call.reference} was said to lie at {told}, and was posted from {stored}"
        yield Breach(Harm.WRONG, TRUTH, sentence)


def _as_decided(
    evidence: Evidence, call: Call, attempt: Attempt, found: BookTransaction
) -> Iterator[Breach]:
    decided = _decided(evidence, found, attempt.invoked_at, attempt.answered_at)
    if attempt.decided is not None and attempt.decided not in {one.decided for one in decided}:
        sentence = f"{call.reference} was told {attempt.decided}, the books say {found.decided}"
        yield Breach(Harm.WRONG, TRUTH, sentence)


def _decided(
    evidence: Evidence, found: BookTransaction, invoked_at: float, answered_at: float
) -> Iterator[BookTransaction]:
    """What the transaction was in the books whenever that answer may have been made."""
    for era in evidence.eras.of(invoked_at, answered_at):
        yield evidence.eras.lost(era, found.transaction_id) or found


def _is_what_was_asked(call: Call, one: BookTransaction) -> bool:
    order = call.order
    if (one.type, one.idempotency_key) != (order.type, call.key):
        return False
    # What came free by a void is the hold's to say, and a rejected command need not have its own.
    return one.amount == order.amount or order.type == "void" or one.rejection_code is not None
