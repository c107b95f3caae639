"""A page's row, as it is told: what only the books would know of the order of posting."""

from datetime import datetime
from typing import NamedTuple

from core.entities.dead_letter import DeadLetterReason


class Condemned(NamedTuple):
    """A record of a page that became a dead letter: another version might read it."""

    offset: int
    reason: DeadLetterReason


class PageRow(NamedTuple):
    """A page without what it decided.

    Numbers rise in an order in which everything that conflicts was posted, and leave some out.
    The page covers offsets `first_offset` to `next_offset` − 1 of `partition`, decided by the rules
    of `rules_version`, and leaves its partition's chain at `head` (None of a page that was posted
    before there were heads). `secret` is what the salts of its chain are made of. `may_cross` says
    whether it may have read or changed accounts of other partitions.
    """

    number: int
    partition: int
    epoch: int
    first_offset: int
    next_offset: int
    transaction_count: int
    entry_count: int
    rules_version: int
    head: bytes | None
    secret: bytes
    may_cross: bool
    written_at: datetime
    condemned: tuple[Condemned, ...] = ()
