"""The heart: commands in, decisions out. Pure; no setting, no clock, no I/O.

The same commands on the same state give the same page, for ever: a change of these rules is a new
`RULES_VERSION`, and the old code stays, since it is an input of every replay.
"""

from collections.abc import Sequence
from typing import Final, assert_never

from core.entities.command import LoggedCommand
from core.entities.orders import (
    CaptureHold,
    ChangeAccount,
    Deposit,
    Discard,
    ExpireHold,
    PlaceHold,
    Reverse,
    Transfer,
    VoidHold,
    Withdrawal,
)
from core.entities.page import LedgerState, Page
from core.entities.transaction import Transaction
from core.posting.accounts import change
from core.posting.books import Books
from core.posting.discards import discard
from core.posting.holds import capture, expire, place, void
from core.posting.movements import deposit, transfer, withdraw
from core.posting.naming import ids_named
from core.posting.reversals import reverse

RULES_VERSION: Final = 1


def post(commands: Sequence[LoggedCommand], state: LedgerState) -> Page:
    """Decide `commands` in their order, each on what the ones before it left behind."""
    posting = _Posting(state, frozenset(ids_named(commands).transactions))
    for logged in commands:
        posting.decide(logged)
    return posting.page()


class _Posting:
    """One page being decided. `reversed_ids` are of transactions that its commands reverse."""

    def __init__(self, state: LedgerState, reversed_ids: frozenset[object]) -> None:
        self._books = Books(state)
        self._reversed_ids = reversed_ids
        # Under the ids' integers: an id's own hash is made in Python, at each look.
        self._fingerprints = {one.int: known for one, known in state.fingerprints.items()}
        self._transactions: list[Transaction] = []
        self._repeats = 0
        self._conflicts = 0
        self._moot = 0

    def decide(self, logged: LoggedCommand) -> None:
        command = logged.command
        number = command.transaction_id.int
        known = self._fingerprints.get(number)
        if known is None:
            transaction = _decided(self._books, logged)
            if transaction is None:
                self._moot += 1
                return
            self._fingerprints[number] = command.fingerprint
            self._transactions.append(transaction)
            if self._reversed_ids and command.transaction_id in self._reversed_ids:
                self._books.remember(transaction)
        elif known == command.fingerprint:
            self._repeats += 1
        else:
            self._conflicts += 1

    def page(self) -> Page:
        return Page(
            rules_version=RULES_VERSION,
            transactions=tuple(self._transactions),
            accounts=self._books.changed_accounts,
            holds=self._books.changed_holds,
            repeats=self._repeats,
            conflicts=self._conflicts,
            moot=self._moot,
        )


def _decided(books: Books, logged: LoggedCommand) -> Transaction | None:
    """How the command is decided; None if there is nothing to decide any more."""
    order = logged.command.order
    decided: Transaction | None
    match order:
        case Deposit():
            decided = deposit(books, logged, order)
        case Withdrawal():
            decided = withdraw(books, logged, order)
        case Transfer():
            decided = transfer(books, logged, order)
        case PlaceHold():
            decided = place(books, logged, order)
        case CaptureHold():
            decided = capture(books, logged, order)
        case VoidHold():
            decided = void(books, logged, order)
        case Reverse():
            decided = reverse(books, logged, order)
        case ChangeAccount():
            decided = change(books, logged, order)
        case ExpireHold() | Discard():
            decided = _decided_unless_moot(books, logged, order)
        case _:
            assert_never(order)
    return decided


def _decided_unless_moot(
    books: Books, logged: LoggedCommand, order: ExpireHold | Discard
) -> Transaction | None:
    """What no client asks for may have nothing to do by the time it is decided."""
    if isinstance(order, ExpireHold):
        return expire(books, logged, order)
    return discard(books, logged, order)
