"""How the check of the books in the background stands."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from core.entities.audit import AccountPlace, Counts, HoldPlace
from core.entities.finding import Finding

MAX_SILENCE_SECONDS: Final = 300.0
"""A partition of which nothing was checked for so long is not being checked."""
MAX_FINDINGS_KEPT: Final = 100
"""Of one partition; more of them say nothing more."""


class IntegrityStatus(StrEnum):
    """What is known of the books. Unknown is where not all of them were checked, or not lately."""

    OK = "ok"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class IntegrityCheck(NamedTuple):
    """What is known of a partition's accounts and holds.

    A cycle goes through all of them. `begun_at` is of the one at work, `finished_at` and `counts`
    are of the last whole one; None and nothing before the first. `findings` are those of the last
    whole one and what is newly found, until the one at work ends.
    """

    partition: int
    begun_at: datetime
    finished_at: datetime | None
    checked_at: datetime
    counts: Counts = Counts()
    findings: Sequence[Finding] = ()


class Cycle(NamedTuple):
    """A cycle at work: what it came to so far, and where it goes on: with these accounts, or, after
    the last one, with these holds.
    """

    begun_at: datetime
    counts: Counts = Counts()
    findings: Sequence[Finding] = ()
    place: AccountPlace | HoldPlace | None = None
    has_accounts_done: bool = False


class Integrity(NamedTuple):
    """What is known of all the books, partition by partition."""

    status: IntegrityStatus
    partitions: Sequence[IntegrityCheck]


def integrity_of(
    checks: Sequence[IntegrityCheck], partition_count: int, now: datetime
) -> Integrity:
    """What the checks of all partitions come to."""
    return Integrity(_status(checks, partition_count, now), checks)


def _status(
    checks: Sequence[IntegrityCheck], partition_count: int, now: datetime
) -> IntegrityStatus:
    if any(one.findings for one in checks):
        return IntegrityStatus.BROKEN
    known = {one.partition for one in checks if _is_known(one, now)}
    return IntegrityStatus.OK if len(known) >= partition_count else IntegrityStatus.UNKNOWN


def _is_known(one: IntegrityCheck, now: datetime) -> bool:
    silent_seconds = (now - one.checked_at).total_seconds()
    return one.finished_at is not None and silent_seconds <= MAX_SILENCE_SECONDS
