"""The writing side of the books."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.entities.chain import Chain
from core.entities.command import LoggedCommand
from core.entities.log_position import LogPosition
from core.entities.page import LedgerState, Outcomes, Page, PageRun
from core.entities.page_row import PageRow

Decide = Callable[[LedgerState], Page]


class Ledger(Protocol):
    """Posts pages, each whole or not at all.

    All methods raise `LedgerUnavailableError` when the ledger is away, refuses access, or takes
    too long; then nothing was changed.
    """

    async def take_over(self, partition: int) -> LogPosition:
        """Become the owner of `partition`: raises its epoch, so that pages of earlier owners fail.

        A partition that was never posted from begins at offset 0.
        """
        ...

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Read what `commands` name, `decide`, and store the page, all in one atomic step.

        In that step the position moves from `run.first_offset` to `run.next_offset`. `decide` is
        called with the holds and transactions that the commands name, with the state of every
        account that follows from them, locked until the page is stored, and with the fingerprints
        of the commands' ids that are known; it must be called once.
        What it raises is passed on, and nothing is stored. The page's dead letters and its
        `condemned_in_a_row` are stored in the same step, and its head with its row.

        Raises `FencedError` if the position is not `run.first_offset` under `run.epoch`;
        `CommitUnknownError` if the page may have been stored all the same (`position` tells).
        """
        ...

    async def position(self, partition: int) -> LogPosition:
        """The partition's position, after any commit that is still under way on it.

        Raises `FencedError` when these may not be the books any more in which this process took the
        partition over: they may have been put back to an earlier moment.
        """
        ...

    async def chain(self, partition: int) -> Chain:
        """Where the partition's chain stands, for its owner: nobody else posts to it."""
        ...

    async def adopt_secret(self, partition: int, epoch: int, secret: bytes) -> bool:
        """Make the partition's salts of this secret from its first page on.

        False if there is a page already. Raises `FencedError`.
        """
        ...

    async def untold_pages(self) -> Sequence[PageRow]:
        """Rows of all partitions that are not known to be told, by number. All that are committed
        at the call are seen.
        """
        ...

    async def known_heads(self, page_numbers: Collection[int]) -> Mapping[int, bytes | None]:
        """The heads of those of the pages that are in the books."""
        ...

    async def identify_log(self, partition: int, epoch: int, topic_id: str) -> None:
        """Remember the topic that the partition is posted from. Raises `FencedError`."""
        ...

    async def halt(self, partition: int, epoch: int, reason: str) -> None:
        """Post nothing more from `partition` until an operator resumes it; `reason` says why.

        Raises `FencedError`.
        """
        ...

    async def outcomes(self, partition: int, from_offset: int, to_offset: int) -> Outcomes:
        """What became of the records at `from_offset` to `to_offset` − 1, in their order."""
        ...

    async def due_holds(
        self, partitions: Collection[int], at: datetime, limit: int
    ) -> Sequence[UUID]:
        """Open holds of these partitions whose time is over `at` this time: of each partition at
        most `limit`, the earliest first.
        """
        ...

    async def mark_published(
        self, partition: int, epoch: int, next_offset: int, told_page: int = 0
    ) -> None:
        """Outcomes before `next_offset` are published, and the rows of pages up to `told_page`.

        What was marked before stays so, and no page is marked that the books do not have: they may
        have been put back to an earlier moment. Raises `FencedError`, also when the position is
        before `next_offset`: then they certainly were.
        """
        ...
