"""What the books, and the topics beside them, say after everything: as the checks need it.

Amounts are minor units.
"""

from collections.abc import Collection, Sequence

import msgspec

from tests.proof import Proof


class BookTransaction(msgspec.Struct, frozen=True):
    """A transaction of the books."""

    transaction_id: str
    reference: str | None
    idempotency_key: str | None
    type: str
    status: str
    rejection_code: str | None
    user_id: str | None
    amount: int | None
    log_partition: int
    log_offset: int

    @property
    def decided(self) -> str:
        """As the history writes it: `posted`, or the code of the rejection."""
        return self.rejection_code or self.status


class BookEntry(msgspec.Struct, frozen=True):
    """An entry on a user's account."""

    user_id: str
    sequence: int
    amount: int
    balance_after: int
    log_partition: int
    log_offset: int


class BookAccount(msgspec.Struct, frozen=True):
    """A user's account at the end."""

    user_id: str
    balance: int
    held: int


class BookPage(msgspec.Struct, frozen=True):
    """A page by its number, and by all that was decided up to its end."""

    number: int
    head: bytes | None


class Commit(msgspec.Struct, frozen=True):
    """A page of a partition, written at `at` (seconds since 1970)."""

    partition: int
    at: float


class ToldEntry(msgspec.Struct, frozen=True):
    """An entry as an event tells of it; the balance with its currency's decimals."""

    user_id: str
    sequence: int
    balance_after: str


class Event(msgspec.Struct, frozen=True):
    """An outcome as it was published; in its partition at `offset`."""

    partition: int
    offset: int
    event_id: str
    position: str
    status: str
    value: bytes
    entries: tuple[ToldEntry, ...] = ()


class LostPage(msgspec.Struct, frozen=True):
    """A page that was committed, and the offsets that it covers."""

    page: BookPage
    partition: int
    first_offset: int
    next_offset: int


class LostBooks(msgspec.Struct, frozen=True):
    """Books that were gone at `gone_at`; all that had been told of them was back at `back_at`.

    Both by the clock of the history. Of the pages, transactions and entries only those are here
    that were committed and never told.
    """

    gone_at: float
    back_at: float
    pages: Sequence[LostPage]
    transactions: Sequence[BookTransaction]
    entries: Sequence[BookEntry]

    def covers(self, partition: int, offset: int) -> bool:
        """Whether what was decided of that record was never told."""
        return any(
            one.partition == partition and one.first_offset <= offset < one.next_offset
            for one in self.pages
        )

    def without(self, told: Collection[BookPage]) -> "LostBooks":
        """The same without those pages: nothing of them may be otherwise."""
        pages = [one for one in self.pages if one.page not in told]
        left = msgspec.structs.replace(self, pages=pages)
        return msgspec.structs.replace(
            left,
            transactions=[
                one for one in self.transactions if left.covers(one.log_partition, one.log_offset)
            ],
            entries=[one for one in self.entries if left.covers(one.log_partition, one.log_offset)],
        )


class Books(msgspec.Struct, frozen=True):
    """All of it. Events of a partition are in their order, and so are the books that were lost.

    `told_pages` are those that the topic of pages has, `proofs` what the operator's verbs said.
    """

    transactions: Sequence[BookTransaction]
    entries: Sequence[BookEntry]
    accounts: Sequence[BookAccount]
    commits: Sequence[Commit]
    events: Sequence[Event]
    pages: Collection[BookPage] = ()
    told_pages: Collection[BookPage] = ()
    lost: Sequence[LostBooks] = ()
    proofs: Sequence[Proof] = ()
