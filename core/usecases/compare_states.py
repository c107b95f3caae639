"""Compare the present state of two books: every account and every hold."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from core.entities.account import Account, AccountKey
from core.entities.audit import MAX_SLICE_FINDINGS, Counts, HoldPlace
from core.entities.finding import Finding
from core.entities.hold import Hold
from core.entities.transaction_id import shard_of_id
from core.ports.books_states import BooksStates
from core.proof.differences import account_off, hold_off

STATES_AT_ONCE: Final = 5_000


State = TypeVar("State")
Place = TypeVar("Place", AccountKey, HoldPlace)


@dataclass(frozen=True, slots=True)
class CompareStates:
    """`due` are as they must be. An account with more entries than are due has gone on: it is not
    compared.
    """

    due: BooksStates
    found: BooksStates

    async def __call__(self) -> tuple[Counts, Sequence[Finding]]:
        """How much was compared, and what is off, as far as `MAX_SLICE_FINDINGS` of a kind."""
        counts = Counts()
        findings: list[Finding] = []
        async for due, found in _merged(_accounts(self.due), _accounts(self.found), _key):
            counts = counts._replace(accounts=counts.accounts + 1)
            if not _has_gone_on(due, found) and len(findings) < MAX_SLICE_FINDINGS:
                findings += account_off(due, found)
        async for one, other in _merged(_holds(self.due), _holds(self.found), _place):
            counts = counts._replace(holds=counts.holds + 1)
            if one != other and len(findings) < 2 * MAX_SLICE_FINDINGS:
                findings += hold_off(one, other)
        return counts, findings


def _has_gone_on(due: Account | None, found: Account | None) -> bool:
    return found is not None and due is not None and found.sequence > due.sequence


def _key(account: Account) -> AccountKey:
    return account.key


def _place(hold: Hold) -> HoldPlace:
    return HoldPlace(shard_of_id(hold.hold_id), hold.hold_id)


def _accounts(states: BooksStates) -> AsyncIterator[Account]:
    return _all(states.accounts_after, _key)


def _holds(states: BooksStates) -> AsyncIterator[Hold]:
    return _all(states.holds_after, _place)


async def _all(
    read: Callable[[Place | None, int], Awaitable[Sequence[State]]],
    place_of: Callable[[State], Place],
) -> AsyncIterator[State]:
    after: Place | None = None
    while states := await read(after, STATES_AT_ONCE):
        for one in states:
            yield one
        after = place_of(states[-1])


async def _merged(
    due: AsyncIterator[State], found: AsyncIterator[State], place_of: Callable[[State], Place]
) -> AsyncIterator[tuple[State | None, State | None]]:
    """Pairs of one place; None on the side that has nothing there."""
    one, other = await anext(due, None), await anext(found, None)
    while one is not None or other is not None:
        if other is None or (one is not None and place_of(one) < place_of(other)):
            yield one, None
            one = await anext(due, None)
        elif one is None or place_of(other) < place_of(one):
            yield None, other
            other = await anext(found, None)
        else:
            yield one, other
            one, other = await anext(due, None), await anext(found, None)
