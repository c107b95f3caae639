"""A page: the run of records of one partition that is posted in one database transaction."""

from collections.abc import Mapping, Sequence, Set
from typing import Final, NamedTuple
from uuid import UUID

from core.entities.account import Account, AccountKey
from core.entities.dead_letter import DeadLetter
from core.entities.hold import Hold
from core.entities.money import Money
from core.entities.orders import CommandType
from core.entities.transaction import Entry, Transaction


class Reversible(NamedTuple):
    """An earlier transaction as a reversal finds it.

    `money` is None where it has no one amount. `reversed_amount` is what earlier reversals took
    back of it, in its minor units (see `taken_back`). A rejected one has no entries, as one that
    moved nothing.
    """

    type: CommandType
    money: Money | None
    entries: tuple[Entry, ...]
    reversed_amount: int = 0


def taken_back(reversal: Money | None) -> int:
    """What a reversal of this amount adds to `reversed_amount`. Several legs, which have no one
    amount, go back only together: that they did counts as 1.
    """
    return 1 if reversal is None else reversal.amount


class Named(NamedTuple):
    """What the commands of a page name by id, as far as it was there before.

    `dead_letters` are the ids that dead letters of earlier pages have.
    """

    holds: Mapping[UUID, Hold]
    transactions: Mapping[UUID, Reversible]
    dead_letters: Set[UUID] = frozenset()


NOTHING_NAMED: Final = Named({}, {})


class LedgerState(NamedTuple):
    """All that posting reads: what the commands name, and the accounts that follow from it.

    An account that does not exist is absent. `fingerprints` has those of transactions whose id a
    command of the page bears too.
    """

    accounts: Mapping[AccountKey, Account]
    fingerprints: Mapping[UUID, bytes]
    named: Named = NOTHING_NAMED


class Page(NamedTuple):
    """What posting decided. `accounts` and `holds` are the new states of those that changed.

    `repeats` counts records whose transaction was there already, `conflicts` those that bore
    the id of another command, `moot` expiries of holds that are not due, or ended already, and
    discards of what is no dead letter; none of these changes anything, or leaves a transaction.
    `condemned_in_a_row` counts the dead letters that end the page, and those before it that they
    follow without a break.
    `head` is where it leaves its partition's chain.
    """

    rules_version: int
    transactions: tuple[Transaction, ...]
    accounts: tuple[Account, ...]
    holds: tuple[Hold, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    repeats: int = 0
    conflicts: int = 0
    moot: int = 0
    condemned_in_a_row: int = 0
    head: bytes | None = None


class PageRun(NamedTuple):
    """The stretch of the log that a page covers: offsets `first_offset` to `next_offset` − 1.

    `last_record_hash`, `published_offset` and `told_page` are what the position remembers with it.
    `may_cross` says whether its commands may read or change accounts of other partitions.
    `number` is the one that the page had, if it is posted again; None leaves it to the books.
    """

    partition: int
    epoch: int
    first_offset: int
    next_offset: int
    last_record_hash: bytes
    published_offset: int
    told_page: int = 0
    may_cross: bool = True
    number: int | None = None

    @property
    def offsets(self) -> range:
        """Of its records."""
        return range(self.first_offset, self.next_offset)


class Outcomes(NamedTuple):
    """What became of a stretch of the log, for whoever wants to know."""

    transactions: Sequence[Transaction]
    dead_letters: Sequence[DeadLetter]
