"""A page: the run of records of one partition that is posted in one database transaction."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from core.entities.account import Account, AccountKey
from core.entities.dead_letter import DeadLetter
from core.entities.transaction import Transaction


class LedgerState(NamedTuple):
    """All that posting reads: the accounts and earlier transactions that the commands name.

    An account that does not exist is absent. `fingerprints` has those of transactions whose id a
    command of the page bears too.
    """

    accounts: Mapping[AccountKey, Account]
    fingerprints: Mapping[UUID, bytes]


class Page(NamedTuple):
    """What posting decided. `accounts` are the new states of those whose state changed.

    `repeats` counts records whose transaction was there already, `conflicts` those that bore
    the id of another command; neither changes anything. `condemned_in_a_row` counts the dead
    letters that end the page, and those before it that they follow without a break.
    """

    rules_version: int
    transactions: tuple[Transaction, ...]
    accounts: tuple[Account, ...]
    dead_letters: tuple[DeadLetter, ...] = ()
    repeats: int = 0
    conflicts: int = 0
    condemned_in_a_row: int = 0


class PageRun(NamedTuple):
    """The stretch of the log that a page covers: offsets `first_offset` to `next_offset` − 1.

    `last_record_hash` and `published_offset` are what the position remembers with it.
    """

    partition: int
    epoch: int
    first_offset: int
    next_offset: int
    last_record_hash: bytes
    published_offset: int


class Outcomes(NamedTuple):
    """What became of a stretch of the log, for whoever wants to know."""

    transactions: Sequence[Transaction]
    dead_letters: Sequence[DeadLetter]
