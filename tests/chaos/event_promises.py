"""Outcome events: each transaction is told, in the log's order, always in the same words."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from core.entities.position import Position
from tests.chaos.books import BookTransaction, Event
from tests.chaos.evidence import Breach, Evidence, Harm

DECIMALS: Final = 2
"""Of the currency that the clients pay in."""
TOLD: Final = "P10 every transaction is told, in order and without a gap"


def every_transaction_is_told(evidence: Evidence) -> Iterator[Breach]:
    """Each has its event, and no event tells of anything else."""
    told = {event.event_id for event in evidence.books.events}
    for one in evidence.books.transactions:
        if one.transaction_id not in told:
            yield Breach(Harm.LOST, TOLD, f"no event tells of {one.transaction_id}")
    for event_id in told - evidence.by_id.keys():
        yield Breach(Harm.WRONG, TOLD, f"an event tells of {event_id}, which is not in the books")


def events_say_what_the_books_say(evidence: Evidence) -> Iterator[Breach]:
    """Position and status; told twice, in the same words."""
    first: dict[str, Event] = {}
    for event in evidence.books.events:
        found = evidence.by_id.get(event.event_id)
        if found is not None and not _agree(event, found):
            yield Breach(Harm.WRONG, TOLD, f"{event} does not say what the books do: {found}")
        words = first.setdefault(event.event_id, event).value
        if words != event.value:
            sentence = f"{words.decode()} is told again in other words: {event.value.decode()}"
            yield Breach(Harm.WRONG, TOLD, sentence)


def events_are_in_order(evidence: Evidence) -> Iterator[Breach]:
    """In each partition, what is told for the first time lies behind all that was told before."""
    partitions: dict[int, list[Event]] = defaultdict(list)
    for event in evidence.books.events:
        partitions[event.partition].append(event)
    for events in partitions.values():
        yield from _out_of_order(events)


def events_alone_make_the_accounts(evidence: Evidence) -> Iterator[Breach]:
    """Whoever has nothing but the events has each account's entries from 1 on, and its balance."""
    told: dict[str, dict[int, str]] = defaultdict(dict)
    for event in evidence.books.events:
        for entry in event.entries:
            told[entry.user_id][entry.sequence] = entry.balance_after
    for account in evidence.books.accounts:
        entries = told[account.user_id]
        last = len(evidence.entries[account.user_id])
        missing = set(range(1, last + 1)) ^ entries.keys()
        if missing:
            sentence = f"events have {len(entries)} entries of {account.user_id}, of {last}"
            yield Breach(Harm.LOST, TOLD, f"{sentence}; wrong from {min(missing)} on")
        elif entries and Decimal(entries[last]).scaleb(DECIMALS) != account.balance:
            yield Breach(Harm.WRONG, TOLD, f"events make {account.user_id} have {entries[last]}")


def _out_of_order(events: Sequence[Event]) -> Iterator[Breach]:
    told: set[str] = set()
    last = -1
    for event in events:
        if event.event_id in told:
            continue
        told.add(event.event_id)
        offset = Position.parse(event.position).offset
        if offset < last:
            yield Breach(Harm.WRONG, TOLD, f"{event} comes after the event of offset {last}")
        last = offset


def _agree(event: Event, found: BookTransaction) -> bool:
    position = Position(found.log_partition, found.log_offset)
    return (event.partition, event.position, event.status) == (
        found.log_partition,
        str(position),
        found.status,
    )
