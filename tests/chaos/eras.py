"""What the books said in each stretch of time between two of their puttings back.

What was told stays through all of them. What was committed in one and never told may be otherwise
in the next: who saw it, saw what was so then.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby

from tests.chaos.books import BookEntry, BookTransaction, LostBooks


class Eras:
    """Each era by how often the books had been put back before it; the last one is the books' now.

    `ends` says when each of the others was over.
    """

    def __init__(
        self, lost: Sequence[LostBooks], entries: Mapping[str, Sequence[BookEntry]]
    ) -> None:
        self.ends = [one.gone_at for one in lost]
        self.entries = cache(self._entries_in)
        self._lost = lost
        self._now = entries
        self._transactions = [{it.transaction_id: it for it in one.transactions} for one in lost]
        self._entries = [
            {user_id: [*its] for user_id, its in groupby(one.entries, lambda it: it.user_id)}
            for one in lost
        ]

    def of(self, invoked_at: float, answered_at: float) -> range:
        """Those of which an answer may be."""
        first, last = bisect_right(self.ends, invoked_at), bisect_right(self.ends, answered_at)
        return range(first, last + 1)

    def is_behind(self, invoked_at: float, answered_at: float) -> bool:
        """Whether an answer may be of books that had not everything back yet."""
        return any(one.gone_at <= answered_at and invoked_at <= one.back_at for one in self._lost)

    def lost(self, era: int, transaction_id: str) -> BookTransaction | None:
        """What the transaction was then, if nobody was told of it."""
        return self._transactions[era].get(transaction_id) if era < len(self._lost) else None

    def lost_entries(self, era: int, one: BookTransaction) -> Sequence[BookEntry] | None:
        """Those that the transaction had then, if nobody was told of it."""
        if self.lost(era, one.transaction_id) is None:
            return None
        place = one.log_partition, one.log_offset
        return [it for it in self._lost[era].entries if (it.log_partition, it.log_offset) == place]

    def told_sequence(self, era: int, user_id: str, sequence: int) -> int:
        """What is sure to be there after the era, of entries of the user up to that sequence."""
        lost = self._entries[era].get(user_id)
        return sequence if lost is None else min(sequence, lost[0].sequence - 1)

    def _entries_in(self, era: int, user_id: str) -> Sequence[BookEntry]:
        """The user's as that era had them, and where it had none, as they came to be; in order."""
        now = self._now.get(user_id, [])
        if era == len(self._lost):
            return now
        books, lost = self._lost[era], self._entries[era].get(user_id, [])
        kept = [one for one in now if not books.covers(one.log_partition, one.log_offset)]
        return [one for one in kept if not lost or one.sequence < lost[0].sequence] + lost
