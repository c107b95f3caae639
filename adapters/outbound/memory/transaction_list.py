"""Lists of transactions, over pages in memory."""

from collections.abc import Iterator, Sequence

from adapters.outbound.memory.books import StoredPage
from core.entities.transaction import Transaction
from core.entities.transaction_list import (
    MAX_ENTRIES_LISTED,
    MAX_TRANSACTIONS_LOOKED_AT,
    Found,
    ListPlace,
    Stretch,
    TransactionFilter,
)


def find(
    pages: Sequence[StoredPage], wanted: TransactionFilter, stretch: Stretch, limit: int
) -> Found:
    """The first `limit` transactions of the stretch that are wanted."""
    matching: list[Transaction] = []
    reached, entries = None, 0
    for looked_at, (place, transaction, matches) in enumerate(_along(pages, wanted, stretch), 1):
        if matches and len(matching) == limit:
            return Found(matching, reached)
        if matches:
            matching.append(transaction)
            reached, entries = place, entries + len(transaction.entries)
        if looked_at == MAX_TRANSACTIONS_LOOKED_AT or entries >= MAX_ENTRIES_LISTED:
            return Found(matching, place)
    return Found(matching, None)


def _along(
    pages: Sequence[StoredPage], wanted: TransactionFilter, stretch: Stretch
) -> Iterator[tuple[ListPlace, Transaction, bool]]:
    for stored in reversed(pages) if stretch.descending else pages:
        transactions = stored.page.transactions
        for one in reversed(transactions) if stretch.descending else transactions:
            place = ListPlace(stored.number, one.position.offset)
            if _is_in(stretch, stored.run.partition, place):
                yield place, one, _matches(one, wanted)


def _is_in(stretch: Stretch, partition: int, place: ListPlace) -> bool:
    known = stretch.ranges.get(partition)
    return (
        known is not None
        and known.after < place
        and place.page_number <= known.through
        and (stretch.before is None or place < stretch.before)
    )


def _matches(one: Transaction, wanted: TransactionFilter) -> bool:
    user_id, reference, kind, status, since, until = wanted
    return (
        (user_id in {None, one.user_id} or user_id in one.parties)
        and reference in {None, one.command.reference}
        and kind in {None, one.command.type}
        and status in {None, one.status}
        and (since is None or one.accepted_at >= since)
        and (until is None or one.accepted_at < until)
    )
