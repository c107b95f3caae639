"""A stretch of a partition's chain, in memory."""

from bisect import bisect_left
from itertools import islice

from adapters.outbound.memory.books import MemoryBooks, StoredPage
from core.entities.audit import ChainPlace, Counts, Slice
from core.entities.transaction import Entry
from core.proof.checking import ChainedPage, off_heads
from core.proof.leaves import Outcome, leaves_of


def checked_chain(
    books: MemoryBooks, partition: int, place: ChainPlace, limit: int
) -> Slice[ChainPlace]:
    """As many pages as there may be rows."""
    rest = books.pages_after(partition, place.number)
    pages = [_chained(books, one) for one in islice(rest, limit)]
    findings, reached = off_heads(place, pages)
    return Slice(Counts(chained_pages=len(pages)), findings, reached if len(rest) > limit else None)


def _chained(books: MemoryBooks, stored: StoredPage) -> ChainedPage:
    """With what the books say of each transaction now, and with the entries of its accounts."""
    outcomes: dict[int, Outcome] = {}
    for decided in stored.page.transactions:
        one = books.transactions.get(decided.command.transaction_id)
        if one is not None:
            found = [_as_it_is(books, entry) for entry in decided.entries]
            entries = tuple(entry for entry in found if entry is not None)
            outcomes[one.position.offset] = one._replace(entries=entries)
    for letter in stored.page.dead_letters:
        outcomes[letter.record.position.offset] = letter
    run = stored.run
    leaves = leaves_of(books.secret(run.partition), run.partition, run.offsets, outcomes)
    return ChainedPage(stored.number, books.heads[stored.number], [*leaves])


def _as_it_is(books: MemoryBooks, decided: Entry) -> Entry | None:
    """The entry as its account has it now; None if it is gone."""
    of_account = [entry for entry, _ in books.entries.get(decided.account, ())]
    place = bisect_left(of_account, decided.sequence, key=lambda one: one.sequence)
    found = of_account[place : place + 1]
    return found[0] if found and found[0].sequence == decided.sequence else None
