"""Sign where a partition's chain stands, and publish it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.entities.signed_head import (
    MAX_SIGNED_RECORDS,
    HeadStatement,
    PageEnd,
    SignedHead,
)
from core.errors import DifferenceError
from core.ports.clock import Clock
from core.ports.keys import Signer
from core.ports.signed_heads import HeadLog, SignedHeads
from core.proof.statements import statement_bytes

MAX_PAGES_LOOKED_AT: Final = 1_000


@dataclass(frozen=True, slots=True)
class SignHeads:
    """Signs pages that are told, each at most once, and remembers what is still to be published.

    What was not told may be decided anew after the books were put back, so it is never signed.
    """

    heads: SignedHeads
    log: HeadLog
    signer: Signer
    clock: Clock
    ledger_name: str
    max_records: int = MAX_SIGNED_RECORDS
    _newest: dict[int, SignedHead | None] = field(default_factory=dict)
    _unpublished: dict[int, SignedHead] = field(default_factory=dict)

    def is_due(self, partition: int, next_offset: int) -> bool:
        """Whether there may be anything to do in a partition that is posted up to this offset."""
        newest = self._newest.get(partition)
        return (
            newest is None
            or newest.statement.next_offset != next_offset
            or partition in self._unpublished
        )

    def forget(self, partition: int) -> None:
        """Look anew at what is signed: others may have signed since, or the books were put back and
        have lost signatures.
        """
        self._newest.pop(partition, None)
        self._unpublished.pop(partition, None)

    async def __call__(self, partition: int, seen: Mapping[int, bytes]) -> SignedHead | None:
        """Sign the next head of the partition; None if there is none. More may be left.

        `seen` are the heads that its worker arrived at itself, by the offset after each page.

        Raises `DifferenceError`, and signs nothing, when the books have another head than that;
        `LedgerUnavailableError`, `EventsUnavailableError`, after which it goes on where it was.
        """
        await self._look_around(partition)
        await self._publish(partition)
        pages = await self.heads.unsigned_pages(partition, MAX_PAGES_LOOKED_AT)
        if not pages:
            return None
        run = self._run(pages)
        _compare(run, seen)
        signed = self._signed(run[-1])
        if not await self.heads.store(signed):
            # Another process did, which takes this one's place or has just lost its own.
            self._newest.pop(partition)
            return None
        self._newest[partition] = self._unpublished[partition] = signed
        await self._publish(partition)
        return signed

    async def _look_around(self, partition: int) -> None:
        if partition in self._newest:
            return
        newest = (await self.heads.newest()).get(partition)
        self._newest[partition] = newest
        if newest is not None:
            # Whoever stored it may have died before it was published.
            self._unpublished[partition] = newest

    async def _publish(self, partition: int) -> None:
        if partition in self._unpublished:
            await self.log.publish(self._unpublished[partition])
            del self._unpublished[partition]

    def _run(self, pages: Sequence[PageEnd]) -> Sequence[PageEnd]:
        """The pages that one signature covers: no more than a proof may list, and without a break,
        since an operator may have had posting go on elsewhere.
        """
        first = last = pages[0]
        count = 1
        for page in pages[1:]:
            is_too_far = page.next_offset - first.first_offset > self.max_records
            if is_too_far or page.first_offset != last.next_offset:
                break
            last = page
            count += 1
        return pages[:count]

    def _signed(self, page: PageEnd) -> SignedHead:
        statement = HeadStatement(
            ledger=self.ledger_name,
            partition=page.partition,
            page_number=page.number,
            next_offset=page.next_offset,
            head=page.head,
            signed_at=self.clock.now(),
        )
        signature = self.signer.sign(statement_bytes(statement))
        return SignedHead(statement, self.signer.key_id, signature)


def _compare(run: Sequence[PageEnd], seen: Mapping[int, bytes]) -> None:
    for page in run:
        if seen.get(page.next_offset, page.head) != page.head:
            raise DifferenceError(
                f"page {page.number} is in the books with another head than it was posted with: "
                "what it decided was changed"
            )
