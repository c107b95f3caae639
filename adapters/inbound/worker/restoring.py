"""Putting back what the books have lost, before a worker posts anything new."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from core.errors import DifferenceError, HaltError
from core.usecases.find_missing_pages import FindMissingPages
from core.usecases.reposting import Reposting

POLL_SECONDS: Final = 0.2
"""While pages of other partitions, which other workers post again, come first."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Restoring:
    """Posts the missing pages of a worker's partition, each after all that were posted before it,
    and returns when no page of any partition is missing.
    """

    find_missing: FindMissingPages
    reposting: Callable[[], Reposting]

    async def __call__(self, partition: int) -> bool:
        """Whether anything was missing.

        Raises `HaltError` (which is stored) when a page is not what was told; `FencedError`,
        `UnavailableError`, after which it begins anew.
        """
        async with self.reposting() as reposting:
            try:
                return await self._restore(partition, reposting)
            except (DifferenceError, HaltError) as error:
                reason = f"the books are not what was told: {error}"
                await reposting.halt(partition, reason)
                raise HaltError(reason) from error

    async def _restore(self, partition: int, reposting: Reposting) -> bool:
        missing = await self.find_missing()
        if not missing:
            return False
        _log.warning(
            "books_behind_told_pages",
            partition=partition,
            missing_pages=len(missing),
            first_page=missing[0].number,
            last_page=missing[-1].number,
        )
        while missing:
            row, *later = missing
            if row.partition == partition:
                await reposting.post(row)
                missing = later
            else:
                await asyncio.sleep(POLL_SECONDS)
                missing = await self.find_missing.without_known(missing)
        _log.info("books_restored", partition=partition)
        return True
