"""Heads are signed once, of told pages alone, and never of books that somebody changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from adapters.inbound.worker.head_signing import MAX_HEADS_AT_ONCE, HeadSigning
from adapters.inbound.worker.pool import WorkerPool
from adapters.inbound.worker.signing_report import SigningReport
from adapters.metrics.catalogue import UNSIGNED_SECONDS
from adapters.metrics.instruments import Metrics
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.signed_heads import MemorySignedHeads
from core.errors import DifferenceError, LedgerUnavailableError
from core.proof.statements import statement_bytes
from core.usecases.sign_heads import SignHeads
from tests.builders import NOON, deposit
from tests.proving import LEDGER, PARTITION, Proving, proving_in
from tests.unit.http.world import Breakable


@pytest.fixture
def books() -> MemoryBooks:
    return MemoryBooks()


@pytest.fixture
def proving(books: MemoryBooks) -> Proving:
    heads: Any = Breakable(MemorySignedHeads(books))
    return proving_in(books, heads)


def signed_offsets(books: MemoryBooks) -> Sequence[int]:
    return [one.statement.next_offset for one in books.signed_heads.get(PARTITION, [])]


def tamper(books: MemoryBooks, index: int) -> None:
    """Somebody changes what a page decided, and makes its head anew to fit."""
    stored = books.pages[index]
    changed = stored._replace(page=stored.page._replace(head=b"x" * 32))
    books.pages[index] = books.pages_by_partition[PARTITION][index] = changed


async def test_a_head_is_signed_stored_and_published(proving: Proving, books: MemoryBooks) -> None:
    posted = await proving.post(deposit(), deposit())
    await proving.tell()
    signed = await proving.sign()
    assert signed is not None
    assert signed.statement == (LEDGER, PARTITION, 1, 2, posted.ownership.chain.head, NOON)
    assert signed.key_id == proving.signer.key_id
    statement = statement_bytes(signed.statement)
    assert proving.signer.public.is_signature(signed.signature, statement)
    assert books.signed_heads == {PARTITION: [signed]}
    assert proving.published.heads == [signed]


async def test_nothing_is_signed_twice(proving: Proving, books: MemoryBooks) -> None:
    await proving.settle(deposit())
    assert await proving.sign() is None
    proving.signing = None
    assert await proving.sign() is None
    assert signed_offsets(books) == [1]


async def test_what_is_not_told_is_not_signed(proving: Proving, books: MemoryBooks) -> None:
    await proving.post(deposit())
    assert await proving.sign() is None
    assert signed_offsets(books) == []


async def test_one_signature_covers_the_pages_since_the_last_one(
    proving: Proving, books: MemoryBooks
) -> None:
    for _ in range(3):
        await proving.post(deposit(), deposit())
    await proving.tell()
    assert await proving.sign() is not None
    assert await proving.sign() is None
    assert signed_offsets(books) == [6]


async def test_signatures_are_no_further_apart_than_a_proof_may_list(
    proving: Proving, books: MemoryBooks
) -> None:
    proving.max_records = 4
    for count in (1, 2, 1, 3, 6, 1):
        await proving.post(*(deposit() for _ in range(count)))
    await proving.tell()
    while await proving.sign() is not None:
        pass
    assert signed_offsets(books) == [4, 7, 13, 14]


async def test_a_break_in_the_log_has_a_signature_before_it(
    proving: Proving, books: MemoryBooks
) -> None:
    await proving.post(deposit())
    await proving.post(deposit())
    last = books.pages[1]
    moved = last._replace(run=last.run._replace(first_offset=7, next_offset=8))
    books.pages[1] = books.pages_by_partition[PARTITION][1] = moved
    await proving.tell()
    while await proving.sign() is not None:
        pass
    assert signed_offsets(books) == [1, 8]


@pytest.mark.parametrize("index", [0, 1])
async def test_a_head_that_the_worker_did_not_arrive_at_is_not_signed(
    proving: Proving, books: MemoryBooks, index: int
) -> None:
    await proving.post(deposit())
    await proving.post(deposit())
    await proving.tell()
    tamper(books, index)
    with pytest.raises(DifferenceError, match=f"page {index + 1} is in the books with another"):
        await proving.sign()
    assert (signed_offsets(books), proving.published.heads) == ([], [])


async def test_a_head_that_was_not_published_is_published_later_as_it_was_signed(
    proving: Proving, books: MemoryBooks
) -> None:
    await proving.fail_to_publish()
    signing = proving.signing
    assert signing is not None
    assert signing.is_due(PARTITION, 1)
    proving.clock.advance(60)
    assert await proving.sign() is None
    assert proving.published.heads == books.signed_heads[PARTITION]
    assert not signing.is_due(PARTITION, 1)


async def test_a_head_whose_signer_died_before_it_was_published_is_published_by_the_next_one(
    proving: Proving, books: MemoryBooks
) -> None:
    await proving.fail_to_publish()
    proving.signing = None
    assert await proving.sign() is None
    assert proving.published.heads == books.signed_heads[PARTITION]


async def test_of_two_processes_one_signs_and_publishes(
    proving: Proving, books: MemoryBooks
) -> None:
    await proving.settle(deposit())
    late = proving.signer_process()
    assert await late(PARTITION, {}) is None
    await proving.post(deposit())
    await proving.tell()
    unsigned = await proving.heads.unsigned_pages(PARTITION, 10)
    assert await proving.sign() is not None

    async def still_unsigned(*_: object) -> Any:
        return unsigned

    late_heads: Any = late.heads
    late_heads.unsigned_pages = still_unsigned
    assert await late(PARTITION, {}) is None
    assert signed_offsets(books) == [1, 2]
    del late_heads.unsigned_pages
    assert await late(PARTITION, {}) is None
    assert not late.is_due(PARTITION, 2)
    assert [one.statement.next_offset for one in proving.published.heads] == [1, 1, 2, 2]


# In a process


@dataclass(eq=False)
class Standing:
    """A worker as the signing sees it."""

    partition: int = PARTITION
    next_offset: int | None = None
    take_overs: int = 1
    heads: dict[int, bytes] = field(default_factory=dict)


@dataclass
class Standings:
    workers: dict[int, Standing]


class Signing:
    """A process's signing over one worker."""

    def __init__(self, proving: Proving) -> None:
        self.proving = proving
        self.sign_heads: SignHeads = proving.signer_process()
        self.worker = Standing(heads=proving.seen)
        self.pool = Standings({PARTITION: self.worker})
        pool = cast("WorkerPool", self.pool)
        self.metrics = Metrics()
        self.report = SigningReport(proving.clock, self.metrics.posting)
        self._signing = HeadSigning(pool, self.sign_heads, 1.0, self.report)

    def unsigned_seconds(self) -> float | None:
        labels = {"partition": str(PARTITION)}
        return self.metrics.registry.get_sample_value(UNSIGNED_SECONDS.name, labels)

    async def post(self, pages: int = 1) -> None:
        for _ in range(pages):
            posted = await self.proving.post(deposit())
            self.worker.next_offset = posted.ownership.next_offset
        await self.proving.tell()

    async def sign(self) -> list[str]:
        with capture_logs() as logs:
            await self._signing.sign(self.sign_heads)
        return [one["event"] for one in logs]


@pytest.fixture
def signing(proving: Proving) -> Signing:
    return Signing(proving)


async def test_a_partition_is_asked_about_only_when_it_went_on(
    signing: Signing, books: MemoryBooks
) -> None:
    await signing.post()
    assert await signing.sign() == []
    heads: Any = signing.proving.heads
    heads.error = LedgerUnavailableError("must not be asked")
    assert await signing.sign() == []
    heads.error = None
    await signing.post()
    assert await signing.sign() == []
    assert signed_offsets(books) == [1, 2]


async def test_signatures_that_were_lost_with_the_books_last_moments_are_made_anew(
    signing: Signing, books: MemoryBooks
) -> None:
    await signing.post()
    await signing.sign()
    books.signed_heads.clear()
    signing.worker.take_overs += 1
    assert await signing.sign() == []
    assert signed_offsets(books) == [1]
    assert len(signing.proving.published.heads) == 2


@pytest.mark.parametrize("is_seen_away", [True, False])
async def test_signatures_that_were_lost_while_another_process_had_the_partition_are_made_anew(
    signing: Signing, books: MemoryBooks, *, is_seen_away: bool
) -> None:
    await signing.post()
    await signing.sign()
    workers = signing.pool.workers
    before = workers.pop(PARTITION)
    if is_seen_away:
        await signing.sign()
    books.signed_heads.clear()
    workers[PARTITION] = Standing(next_offset=before.next_offset)
    assert await signing.sign() == []
    assert signed_offsets(books) == [1]


async def test_a_partition_that_is_not_taken_over_yet_is_left_alone(signing: Signing) -> None:
    heads: Any = signing.proving.heads
    heads.error = LedgerUnavailableError("must not be asked")
    assert await signing.sign() == []


async def test_an_outage_is_waited_out_and_told(signing: Signing, books: MemoryBooks) -> None:
    await signing.post()
    heads: Any = signing.proving.heads
    heads.error = LedgerUnavailableError("away")
    assert await signing.sign() == ["head_not_signed_yet"]
    assert signing.unsigned_seconds() == 0
    heads.error = None
    signing.proving.published.is_away = True
    signing.proving.clock.advance(7)
    assert await signing.sign() == ["head_not_signed_yet"]
    assert signing.unsigned_seconds() == 7
    signing.proving.published.is_away = False
    assert await signing.sign() == []
    assert signing.unsigned_seconds() == 0
    assert [one.statement.next_offset for one in signing.proving.published.heads] == [1]
    assert signed_offsets(books) == [1]


async def test_a_partition_that_another_process_owns_is_told_of_no_more(signing: Signing) -> None:
    await signing.post()
    await signing.sign()
    assert signing.unsigned_seconds() == 0
    signing.pool.workers.clear()
    await signing.sign()
    assert signing.unsigned_seconds() is None


async def test_books_that_were_changed_are_told_of_once_and_not_signed(
    signing: Signing, books: MemoryBooks
) -> None:
    await signing.post()
    tamper(books, 0)
    assert await signing.sign() == ["head_refused"]
    assert await signing.sign() == []
    assert signed_offsets(books) == []


async def test_what_was_not_signed_for_long_is_signed_in_turns(
    signing: Signing, proving: Proving, books: MemoryBooks
) -> None:
    proving.max_records = 1
    signing.sign_heads = proving.signer_process()
    await signing.post(2 * MAX_HEADS_AT_ONCE + 1)
    await signing.sign()
    assert len(signed_offsets(books)) == MAX_HEADS_AT_ONCE
    signing.proving.clock.advance(60)
    await signing.sign()
    assert len(signed_offsets(books)) == 2 * MAX_HEADS_AT_ONCE
    assert signing.unsigned_seconds() == 0
    await signing.sign()
    assert len(signed_offsets(books)) == 2 * MAX_HEADS_AT_ONCE + 1


async def test_without_a_key_nothing_is_signed_and_nothing_goes_on(signing: Signing) -> None:
    pool = cast("WorkerPool", Standings({}))
    with capture_logs() as logs:
        await HeadSigning(pool, None, 1.0, signing.report).run()
    assert [one["event"] for one in logs] == ["heads_are_not_signed"]
