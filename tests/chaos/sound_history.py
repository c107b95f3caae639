"""A small history with its books in which all is right, for faults to be planted in."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from tests.chaos.books import (
    BookAccount,
    BookEntry,
    BookPage,
    Books,
    BookTransaction,
    Event,
    ToldEntry,
)
from tests.chaos.evidence import Harm
from tests.chaos.history import (
    Attempt,
    Call,
    History,
    Hook,
    Look,
    Order,
    Outcome,
    Read,
    Stream,
)
from tests.chaos.promises import breaches
from tests.proof import Proof

Doctor = Callable[[History, dict[str, list[Any]]], None]
VERBS: Final = ("verify", "verify --replay", "rebuild --into")
PAGES: Final = [BookPage(1, b"first"), BookPage(2, b"second")]


def call(
    reference: str, order: Order, offset: int, outcome: Outcome = Outcome.OK, **told: Any
) -> Call:
    """A call that was sent once, a second after the one before it, and answered half a second on.

    Its id is its reference, and its record lies at the offset.
    """
    attempt = Attempt(
        invoked_at=float(offset),
        answered_at=offset + 0.5,
        outcome=outcome,
        status=202,
        transaction_id=reference,
        position=f"0:{offset}",
    )
    return Call(reference, order, f"key-{reference}", [msgspec.structs.replace(attempt, **told)])


def transaction(call: Call, offset: int, rejection_code: str | None = None) -> BookTransaction:
    """What became of it."""
    return BookTransaction(
        transaction_id=call.reference,
        reference=call.reference,
        idempotency_key=call.key,
        type=call.order.type,
        status="posted" if rejection_code is None else "rejected",
        rejection_code=rejection_code,
        user_id=call.order.user_id,
        amount=call.order.amount,
        log_partition=0,
        log_offset=offset,
    )


def event(one: BookTransaction, entries: Sequence[BookEntry] = ()) -> Event:
    """As it was published, with those of the entries that are its own."""
    position = f"0:{one.log_offset}"
    value = f"{one.transaction_id} {one.status}".encode()
    told = tuple(
        ToldEntry(entry.user_id, entry.sequence, f"{entry.balance_after / 100:.2f}")
        for entry in entries
        if entry.log_offset == one.log_offset
    )
    return Event(0, one.log_offset, one.transaction_id, position, one.status, value, told)


def sound() -> tuple[History, dict[str, list[Any]]]:
    """Alice gets 100, gives Bob 30, holds 40 of which Bob captures 25, and asks for too much.

    One more deposit failed, and what became of another one nobody knows.
    """
    deposit = call("deposit", Order("deposit", "alice", 100), 0)
    transfer = call("transfer", Order("transfer", "alice", 30, "bob"), 1, decided="posted")
    hold = call("hold", Order("hold", "alice", 40, "bob"), 2)
    capture = call("capture", Order("capture", "alice", 25, "bob", "hold", "hold"), 3)
    refused = call("refused", Order("withdraw", "alice", 900), 4, decided="insufficient_funds")
    back = call("back", Order("reverse", "alice", 10, None, "transfer", "transfer"), 5)
    failed = call("failed", Order("deposit", "bob", 7), 9, Outcome.FAIL)
    unknown = call("unknown", Order("deposit", "bob", 7), 9, Outcome.UNKNOWN)
    decided = [deposit, transfer, hold, capture, refused, back]
    transactions = [
        transaction(one, offset, "insufficient_funds" if one is refused else None)
        for offset, one in enumerate(decided)
    ]
    history = History(
        calls=[*decided, failed, unknown],
        reads=[
            Read("alice", "0:1", 1.6, 1.7, 2, 70, 70),
            Read("bob", None, 6.0, 6.1, 3, 45, 45),
        ],
        looks=[
            Look("deposit", "deposit", 6.2, 6.3, 200, "posted"),
            Look("hold", "hold", 2.1, 2.2, 200, "pending"),
        ],
    )
    entries = [
        BookEntry("alice", 1, 100, 100, 0, 0),
        BookEntry("alice", 2, -30, 70, 0, 1),
        BookEntry("bob", 1, 30, 30, 0, 1),
        BookEntry("alice", 3, -25, 45, 0, 3),
        BookEntry("bob", 2, 25, 55, 0, 3),
        BookEntry("alice", 4, 10, 55, 0, 5),
        BookEntry("bob", 3, -10, 45, 0, 5),
    ]
    books: dict[str, list[Any]] = {
        "transactions": transactions,
        "entries": entries,
        "accounts": [BookAccount("alice", 55, 0), BookAccount("bob", 45, 0)],
        "events": [event(one, entries) for one in transactions],
        "pages": PAGES,
        "told_pages": PAGES,
        "proofs": [Proof(verb, True, ["The books are right."]) for verb in VERBS],
    }
    history.hooks = [
        Hook("steady", "h1", ["posted", "rejected"], told_once(transactions)),
        Hook("unsteady", "h2", ["posted"], told_once(transactions[:4] + transactions[5:])),
    ]
    history.streams = [Stream("the stream", told_once(transactions), 3)]
    return history, books


def told_once(transactions: Sequence[BookTransaction]) -> dict[str, int]:
    """Each of them told once."""
    return {one.transaction_id: 1 for one in transactions}


def found(history: History, books: dict[str, list[Any]]) -> set[tuple[Harm, str]]:
    """The harms that are seen, with the promises that they break."""
    seen = breaches(history, Books(**books, commits=[]))
    return {(one.harm, one.promise.partition(" ")[0]) for one in seen}
