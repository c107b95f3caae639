"""Check a partition's accounts and holds, a slice at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.entities.audit import AccountPlace, Counts, HoldPlace, Slice, shards_of_partition
from core.entities.finding import Finding
from core.entities.integrity import MAX_FINDINGS_KEPT, Cycle, IntegrityCheck
from core.ports.books_audit import BooksAudit
from core.ports.clock import Clock
from core.ports.integrity_checks import IntegrityChecks

MAX_BACKGROUND_SLICE_ROWS: Final = 2_000
"""Milliseconds of the database's time: whoever posts does not notice."""


class Step(NamedTuple):
    """What a slice came to: `cycle` goes on with the next one, None if this was its last."""

    check: IntegrityCheck
    cycle: Cycle | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class CheckIntegrity:
    """Goes on with a cycle, and keeps what is known then. A finding stays until a whole cycle has
    not found it again.
    """

    audit: BooksAudit
    checks: IntegrityChecks
    clock: Clock
    partition_count: int
    max_slice_rows: int = MAX_BACKGROUND_SLICE_ROWS

    async def __call__(self, partition: int, cycle: Cycle | None) -> Step:
        """The next slice of the cycle; of a new one without it. Raises `LedgerUnavailableError`."""
        cycle = cycle or Cycle(self.clock.now())
        one = await self._checked(partition, cycle)
        cycle = cycle._replace(
            counts=cycle.counts.plus(one.counts), findings=[*cycle.findings, *one.findings]
        )
        following = _following(cycle, one)
        before = await self.checks.of(partition)
        check = self._known(partition, cycle, before, is_whole=following is None)
        await self.checks.keep(check)
        return Step(check, following, one.counts)

    async def _checked(
        self, partition: int, cycle: Cycle
    ) -> Slice[AccountPlace] | Slice[HoldPlace]:
        shards = shards_of_partition(partition, self.partition_count)
        if isinstance(cycle.place, HoldPlace) or cycle.has_accounts_done:
            place = cycle.place if isinstance(cycle.place, HoldPlace) else None
            return await self.audit.holds(shards, place, self.max_slice_rows)
        return await self.audit.accounts(shards, cycle.place, self.max_slice_rows)

    def _known(
        self, partition: int, cycle: Cycle, before: IntegrityCheck | None, *, is_whole: bool
    ) -> IntegrityCheck:
        now = self.clock.now()
        if is_whole:
            findings = cycle.findings[:MAX_FINDINGS_KEPT]
            return IntegrityCheck(partition, cycle.begun_at, now, now, cycle.counts, findings)
        if before is None:
            return IntegrityCheck(
                partition, cycle.begun_at, None, now, findings=cycle.findings[:MAX_FINDINGS_KEPT]
            )
        return before._replace(
            begun_at=cycle.begun_at,
            checked_at=now,
            findings=_together(before.findings, cycle.findings)[:MAX_FINDINGS_KEPT],
        )


def _following(cycle: Cycle, one: Slice[AccountPlace] | Slice[HoldPlace]) -> Cycle | None:
    if one.next is not None:
        return cycle._replace(place=one.next)
    if cycle.has_accounts_done:
        return None
    return cycle._replace(place=None, has_accounts_done=True)


def _together(known: Sequence[Finding], found: Sequence[Finding]) -> Sequence[Finding]:
    return [*known, *(one for one in found if one not in known)]
