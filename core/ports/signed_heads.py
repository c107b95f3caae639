"""Where signed heads are kept, and what leads up to them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from core.entities.page import Outcomes
from core.entities.signed_head import PageEnd, SignedHead


class SignedHeads(Protocol):
    """The processor's side. All methods raise `LedgerUnavailableError`."""

    async def newest(self) -> Mapping[int, SignedHead]:
        """The newest signed head of each partition that has one."""
        ...

    async def unsigned_pages(self, partition: int, limit: int) -> Sequence[PageEnd]:
        """At most `limit` of the partition's pages behind its newest signed head, in order: those
        that have a head and whose row is known to be told.
        """
        ...

    async def store(self, head: SignedHead) -> bool:
        """Keep it; False, and nothing is changed, if the page's head was signed before."""
        ...


class HeadLog(Protocol):
    """Publishes signed heads, for whoever keeps them out of our reach."""

    async def publish(self, head: SignedHead) -> None:
        """Durable on return; it may come more than once. Raises `EventsUnavailableError`."""
        ...


class Stretch(NamedTuple):
    """The pages from a transaction's own one to the first signed head behind it.

    They cover `offsets`; the chain stood at `head_before` before them. Salts are made of `secret`,
    which nobody may be told.
    """

    first_page: int
    offsets: range
    head_before: bytes
    secret: bytes
    signed_head: SignedHead


class Proofs(Protocol):
    """The reading side. All methods raise `LedgerUnavailableError`."""

    async def newest(self) -> Mapping[int, SignedHead]:
        """The newest signed head of each partition that has one."""
        ...

    async def signed_pages(
        self, partition: int, after_page: int, limit: int
    ) -> Sequence[tuple[SignedHead, PageEnd | None]]:
        """At most `limit` signed heads of the partition behind a page, in order, each with its page
        as it is now; None for one that is gone or has no head.
        """
        ...

    async def stretch(self, transaction_id: UUID) -> Stretch | None:
        """What leads from a decided transaction to a signed head; None while there is none behind
        it, and for a page that has no head, since it was posted before there were any.
        """
        ...

    async def outcomes(self, stretch: Stretch, offsets: range) -> Outcomes:
        """What became of the records at some of the stretch's offsets, in any order."""
        ...
