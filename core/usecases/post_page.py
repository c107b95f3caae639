"""Post a page: the records of one partition, decided and stored in one atomic step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, NoReturn

from core.condemning import Post, dead_letter_of, in_its_place, not_applicable
from core.entities.chain import Chain
from core.entities.command import LoggedCommand
from core.entities.dead_letter import DeadLetter
from core.entities.ownership import Ownership
from core.entities.page import LedgerState, Page, PageRun
from core.entities.record import Record, Undecodable, record_hash
from core.errors import (
    BrokenInvariantError,
    CommitUnknownError,
    FencedError,
    HaltError,
    LedgerUnavailableError,
)
from core.ports.ledger import Ledger
from core.posting.naming import may_cross, most_entries
from core.posting.post import post
from core.proof.chain import head_after_page


@dataclass(frozen=True, slots=True)
class PageLimits:
    """How much one page may hold, and how many condemned records in a row are still believed."""

    max_records: int
    max_entries: int
    max_condemned_in_a_row: int


class Posted(NamedTuple):
    """A stored page, the records it covers, and the hold on the partition after it."""

    page: Page
    record_count: int
    ownership: Ownership


class _TooManyCondemned(Exception):
    """The page holds more condemned records in a row than are believed; cut it to `keep`."""

    def __init__(self, keep: int) -> None:
        self.keep = keep


@dataclass(frozen=True, slots=True)
class PostPage:
    """Posts what records there are, from the first on."""

    ledger: Ledger
    limits: PageLimits
    partition_count: int
    post: Post = post

    async def __call__(self, ownership: Ownership, records: Sequence[Record]) -> Posted:
        """Store the longest page that `records` begin with; it may be shorter than all of them.

        Raises `HaltError` when the log has a gap or brings nothing but condemned records (the
        halt is stored); `FencedError` when another worker owns the partition;
        `LedgerUnavailableError` when nothing was stored and trying again is right.
        """
        gap = _gap(ownership, records)
        if gap is not None:
            await self._halt(ownership, gap)
        records = [in_its_place(record, self.partition_count) for record in records]
        page_records = records[: self._fitting(records)]
        try:
            return await self._post(ownership, page_records)
        except _TooManyCondemned as too_many:
            if too_many.keep > 0:
                return await self._post(ownership, page_records[: too_many.keep])
        await self._halt(
            ownership,
            f"more than {self.limits.max_condemned_in_a_row} records in a row could not be read "
            f"or applied, the next at offset {ownership.next_offset}",
        )

    def _fitting(self, records: Sequence[Record]) -> int:
        """How many of the first records fit into a page; at least one."""
        entries = 0
        for count, record in enumerate(records[: self.limits.max_records]):
            if not isinstance(record.content, Undecodable):
                entries += most_entries(record.content.order)
            if entries > self.limits.max_entries and count > 0:
                return count
        return self.limits.max_records

    async def _halt(self, ownership: Ownership, reason: str) -> NoReturn:
        await self.ledger.halt(ownership.partition, ownership.epoch, reason)
        raise HaltError(reason)

    async def _post(self, ownership: Ownership, records: Sequence[Record]) -> Posted:
        decision = _Decision(self.post, ownership, records, self.limits.max_condemned_in_a_row)
        run = PageRun(
            partition=ownership.partition,
            epoch=ownership.epoch,
            first_offset=ownership.next_offset,
            next_offset=ownership.next_offset + len(records),
            last_record_hash=record_hash(records[-1]),
            published_offset=ownership.published_offset,
            told_page=ownership.told_page,
            may_cross=may_cross(decision.commands),
        )
        try:
            page = await self.ledger.post_page(run, decision.commands, decision.decide)
        except CommitUnknownError as error:
            page = await self._settle(run, decision, error)
        return Posted(
            page,
            len(records),
            replace(
                ownership,
                next_offset=run.next_offset,
                condemned_in_a_row=page.condemned_in_a_row,
                chain=Chain(ownership.chain.secret, _head_of(page)),
            ),
        )

    async def _settle(self, run: PageRun, decision: "_Decision", error: CommitUnknownError) -> Page:
        """The page if it was stored; the position says so."""
        position = await self.ledger.position(run.partition)
        if position.epoch != run.epoch:
            raise FencedError(f"partition {run.partition} was taken over during a commit")
        if position.next_offset == run.first_offset:
            raise LedgerUnavailableError("the commit did not take place") from error
        if position.next_offset != run.next_offset or decision.page is None:
            raise BrokenInvariantError(f"the position moved to {position.next_offset} by itself")
        return decision.page


class _Decision:
    """Decides one page's records, whatever they are, and remembers what it decided."""

    def __init__(
        self,
        post: Post,
        ownership: Ownership,
        records: Sequence[Record],
        max_condemned_in_a_row: int,
    ) -> None:
        self._post = post
        self._ownership = ownership
        self._records = records
        self._max_condemned_in_a_row = max_condemned_in_a_row
        self.page: Page | None = None
        self.commands = [
            LoggedCommand(record.position, record.recorded_at, record.content)
            for record in records
            if not isinstance(record.content, Undecodable)
        ]

    def decide(self, state: LedgerState) -> Page:
        """The page, condemned records set aside. Raises `_TooManyCondemned`."""
        raised: dict[int, Exception] = {}
        try:
            page = self._post(self.commands, state)
        except Exception:
            raised = not_applicable(self._post, self.commands, state)
            if not raised:
                # Only the whole page brings it about: a bug, and no record's fault.
                raise
            sound = [one for one in self.commands if one.position.offset not in raised]
            page = self._post(sound, state)
        dead_letters = self._dead_letters(raised)
        page = page._replace(
            dead_letters=dead_letters, condemned_in_a_row=self._in_a_row(dead_letters)
        )
        self.page = page._replace(head=self._head(page))
        return self.page

    def _head(self, page: Page) -> bytes:
        owned = self._ownership
        offsets = range(owned.next_offset, owned.next_offset + len(self._records))
        return head_after_page(owned.chain, owned.partition, offsets, page)

    def _dead_letters(self, raised: dict[int, Exception]) -> tuple[DeadLetter, ...]:
        return tuple(
            letter
            for record in self._records
            if (letter := dead_letter_of(record, raised.get(record.position.offset))) is not None
        )

    def _in_a_row(self, dead_letters: Sequence[DeadLetter]) -> int:
        if not dead_letters:
            return 0
        condemned = {letter.record.position.offset for letter in dead_letters}
        in_a_row = self._ownership.condemned_in_a_row
        for index, record in enumerate(self._records):
            in_a_row = in_a_row + 1 if record.position.offset in condemned else 0
            if in_a_row > self._max_condemned_in_a_row:
                raise _TooManyCondemned(keep=index)
        return in_a_row


def _head_of(page: Page) -> bytes:
    if page.head is None:
        raise BrokenInvariantError("a page was stored without its head")
    return page.head


def _gap(ownership: Ownership, records: Sequence[Record]) -> str | None:
    for expected, record in enumerate(records, ownership.next_offset):
        offset = record.position.offset
        if offset != expected:
            return f"the log has a gap: offset {expected} was to come, and offset {offset} came"
    return None
