"""Check all of the books against themselves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from core.entities.audit import (
    MAX_SLICE_ROWS,
    Counts,
    Place,
    Slice,
    shards_of_partition,
)
from core.entities.finding import Finding
from core.ports.books_audit import BooksAudit

_TURNS: Final = 8
"""Some of the shards at a time: a query looks for each of them by itself."""

CHAINS_AT_ONCE: Final = 2
"""While one is hashed here, the other is read there."""


class Checked(NamedTuple):
    """How much more was checked, and what is off in it."""

    counts: Counts
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class VerifyBooks:
    """Slice by slice from the first page and account to the last, while posting goes on."""

    audit: BooksAudit
    max_slice_rows: int = MAX_SLICE_ROWS

    def __call__(self) -> Sequence[AsyncIterator[Checked]]:
        """The parts: accounts, pages, and chains in several shares. None needs another, so they may
        be gone through at the same time. Going through them raises `LedgerUnavailableError`.
        """
        chains = [self._chains(share) for share in range(CHAINS_AT_ONCE)]
        return self._accounts(), self._pages(), *chains

    async def _accounts(self) -> AsyncIterator[Checked]:
        limit = self.max_slice_rows
        for turn in range(_TURNS):
            shards = shards_of_partition(turn, _TURNS)
            async for one in _slices(partial(self.audit.accounts, shards, limit=limit)):
                yield one
            async for one in _slices(partial(self.audit.holds, shards, limit=limit)):
                yield one

    async def _chains(self, share: int) -> AsyncIterator[Checked]:
        partitions = await self.audit.partitions()
        for partition in partitions[share::CHAINS_AT_ONCE]:
            check = partial(self.audit.chain, partition, limit=self.max_slice_rows)
            async for one in _slices(check):
                yield one

    async def _pages(self) -> AsyncIterator[Checked]:
        for partition in await self.audit.partitions():
            check = partial(self.audit.pages, partition, limit=self.max_slice_rows)
            async for one in _slices(check):
                yield one


async def _slices(
    check: Callable[[Place | None], Awaitable[Slice[Place]]],
) -> AsyncIterator[Checked]:
    begin: Place | None = None
    while True:
        one = await check(begin)
        yield Checked(one.counts, one.findings)
        if one.next is None:
            return
        begin = one.next
