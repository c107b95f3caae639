"""P6: no read is older than what it was to wait for, or than what was seen before it was asked."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from core.entities.position import Position
from tests.chaos.books import BookEntry
from tests.chaos.evidence import Breach, Evidence, Harm
from tests.chaos.history import Outcome, Read

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
        due = _sequence_at(evidence.entries.get(read.user_id, []), Position.parse(read.position))
        if read.sequence < due:
            yield Breach(Harm.WRONG, FRESH, f"{read} had to show sequence {due}")


def reads_never_step_back(evidence: Evidence) -> Iterator[Breach]:
    """What one client has seen, every client sees that asks later."""
    reads: dict[str, list[Read]] = defaultdict(list)
    seen: dict[str, list[_Seen]] = defaultdict(list)
    for read in evidence.history.reads:
        reads[read.user_id].append(read)
        seen[read.user_id].append(_Seen(read.answered_at, read.sequence))
    for user_id, one in _told(evidence):
        seen[user_id].append(one)
    for user_id, of_user in reads.items():
        yield from _stale(of_user, sorted(seen[user_id]))


def reads_show_what_stays(evidence: Evidence) -> Iterator[Breach]:
    """The balance that was read at a sequence is the one that the books have there."""
    for read in evidence.history.reads:
        entries = evidence.entries.get(read.user_id, [])
        # Sequences count from 1 without a gap: that is for the audit of the books to say.
        balance = 0 if read.sequence == 0 else _balance_after(entries, read.sequence)
        if balance != read.balance:
            yield Breach(Harm.WRONG, FIXED, f"{read}, but the books have {balance} there")


def _sequence_at(entries: Sequence[BookEntry], position: Position) -> int:
    """The last sequence of an account that records of the partition up to the position made."""
    due = [
        one.sequence
        for one in entries
        if one.log_partition == position.partition and one.log_offset <= position.offset
    ]
    return max(due, default=0)


def _balance_after(entries: Sequence[BookEntry], sequence: int) -> int | None:
    return entries[sequence - 1].balance_after if sequence <= len(entries) else None


def _told(evidence: Evidence) -> Iterator[tuple[str, _Seen]]:
    """What clients saw by being told that their command is posted."""
    for call in evidence.history.calls:
        for attempt in call.attempts:
            posted = attempt.outcome is Outcome.OK and attempt.decided == "posted"
            found = evidence.by_id.get(attempt.transaction_id or "") if posted else None
            if found is None:
                continue
            for entry in evidence.entries_at.get((found.log_partition, found.log_offset), []):
                yield entry.user_id, _Seen(attempt.answered_at, entry.sequence)


def _stale(reads: Sequence[Read], seen: Sequence[_Seen]) -> Iterator[Breach]:
    """The reads that are older than what was seen before they were asked, both by time."""
    index, highest = 0, 0
    for read in sorted(reads, key=lambda one: one.invoked_at):
        while index < len(seen) and seen[index].at < read.invoked_at:
            highest = max(highest, seen[index].sequence)
            index += 1
        if read.sequence < highest:
            yield Breach(Harm.WRONG, FRESH, f"{read}, when sequence {highest} had been seen")
