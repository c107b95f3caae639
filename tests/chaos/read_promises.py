"""P6: no read is older than what it was to wait for, or than what was seen before it was asked."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from core.entities.position import Position
from tests.chaos.books import BookEntry
from tests.chaos.evidence import Breach, Evidence, Harm
from tests.chaos.history import Attempt, Outcome, Read

FRESH: Final = "P6 read your writes with a position"
FIXED: Final = "P8 posted history does not change"


class _Seen(NamedTuple):
    """From `at` on, everybody sees at least `sequence`."""

    at: float
    sequence: int


def reads_wait_for_their_position(evidence: Evidence) -> Iterator[Breach]:
    """A read with a position shows all that the log had for its account up to there."""
    for read in evidence.history.reads:
        if read.position is None:
            continue
        position = Position.parse(read.position)
        due = min(_sequence_at(entries, position) for entries in _entries(evidence, read))
        if read.sequence < due:
            yield Breach(Harm.WRONG, FRESH, f"{read} had to show sequence {due}")


def reads_never_step_back(evidence: Evidence) -> Iterator[Breach]:
    """What one client has seen, every client sees that asks later.

    Books that were put back may show less until they have everything back.
    """
    reads: dict[str, list[Read]] = defaultdict(list)
    seen: dict[str, list[_Seen]] = defaultdict(list)
    for read in evidence.history.reads:
        if not evidence.eras.is_behind(read.invoked_at, read.answered_at):
            reads[read.user_id].append(read)
        seen[read.user_id].append(_seen(evidence, read, read.user_id, read.sequence))
    for user_id, one in _told(evidence):
        seen[user_id].append(one)
    for user_id, of_user in reads.items():
        yield from _stale(evidence, of_user, sorted(seen[user_id]))


def reads_show_what_stays(evidence: Evidence) -> Iterator[Breach]:
    """The balance that was read at a sequence is the one that the books have there."""
    for read in evidence.history.reads:
        # Sequences count from 1 without a gap: that is for the audit of the books to say.
        balances = [_balance_after(entries, read.sequence) for entries in _entries(evidence, read)]
        if read.balance not in balances:
            yield Breach(Harm.WRONG, FIXED, f"{read}, but the books have {balances[-1]} there")


def _entries(evidence: Evidence, read: Read) -> Sequence[Sequence[BookEntry]]:
    """The account's entries, whenever it may have been that the read was answered."""
    eras = evidence.eras.of(read.invoked_at, read.answered_at)
    return [evidence.eras.entries(era, read.user_id) for era in eras]


def _sequence_at(entries: Sequence[BookEntry], position: Position) -> int:
    """The last sequence of an account that records of the partition up to the position made."""
    due = [
        one.sequence
        for one in entries
        if one.log_partition == position.partition and one.log_offset <= position.offset
    ]
    return max(due, default=0)


def _balance_after(entries: Sequence[BookEntry], sequence: int) -> int | None:
    if sequence == 0:
        return 0
    index = bisect_left(entries, sequence, key=lambda one: one.sequence)
    is_there = index < len(entries) and entries[index].sequence == sequence
    return entries[index].balance_after if is_there else None


def _told(evidence: Evidence) -> Iterator[tuple[str, _Seen]]:
    """What clients saw by being told that their command is posted."""
    for call in evidence.history.calls:
        for attempt in call.attempts:
            posted = attempt.outcome is Outcome.OK and attempt.decided == "posted"
            found = evidence.by_id.get(attempt.transaction_id or "") if posted else None
            if found is None:
                continue
            era = evidence.eras.of(attempt.invoked_at, attempt.answered_at)[0]
            lost = evidence.eras.lost_entries(era, found)
            entries = evidence.entries_at.get((found.log_partition, found.log_offset), [])
            for entry in entries if lost is None else lost:
                yield entry.user_id, _seen(evidence, attempt, entry.user_id, entry.sequence)


def _seen(evidence: Evidence, answer: Read | Attempt, user_id: str, sequence: int) -> _Seen:
    """As much of it as is sure to stay, where books were put back before the answer was there."""
    for era in evidence.eras.of(answer.invoked_at, answer.answered_at)[:-1]:
        sequence = evidence.eras.told_sequence(era, user_id, sequence)
    return _Seen(answer.answered_at, sequence)


def _stale(evidence: Evidence, reads: Sequence[Read], seen: Sequence[_Seen]) -> Iterator[Breach]:
    """The reads of a user that are older than what was seen before they were asked, by time."""
    index, highest, era = 0, 0, 0
    ends = evidence.eras.ends
    for read in sorted(reads, key=lambda one: one.invoked_at):
        while index < len(seen) and seen[index].at < read.invoked_at:
            while era < len(ends) and ends[era] <= seen[index].at:
                highest = evidence.eras.told_sequence(era, read.user_id, highest)
                era += 1
            highest = max(highest, seen[index].sequence)
            index += 1
        while era < len(ends) and ends[era] <= read.invoked_at:
            highest = evidence.eras.told_sequence(era, read.user_id, highest)
            era += 1
        if read.sequence < highest:
            yield Breach(Harm.WRONG, FRESH, f"{read}, when sequence {highest} had been seen")
