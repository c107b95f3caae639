"""What was signed cannot be changed afterwards, not even with all heads made anew to fit."""

from collections.abc import Sequence

import pytest

from adapters.outbound.keys.signing_key import Ed25519Signer, new_signer
from adapters.outbound.memory.audit.books_audit import MemoryBooksAudit
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.signed_heads import MemorySignedHeads
from core.entities.chain import GENESIS, Chain
from core.entities.finding import Figure, Finding
from core.proof.chain import head_after_page
from core.proof.statements import statement_bytes
from core.usecases.verify_books import VerifyBooks
from core.usecases.verify_signatures import VerifySignatures
from tests.builders import FixedClock, deposit
from tests.proving import PARTITION, Proving


@pytest.fixture
def books() -> MemoryBooks:
    return MemoryBooks()


@pytest.fixture
async def proving(books: MemoryBooks) -> Proving:
    clock = FixedClock()
    proving = Proving(
        MemoryLedger(books, clock), MemoryLedgerReader(books), MemorySignedHeads(books), clock
    )
    for _ in range(3):
        await proving.settle(deposit())
    return proving


async def found(proving: Proving, *signers: Ed25519Signer) -> Sequence[Finding]:
    keys = {one.key_id: one.public for one in signers}
    checked = [one async for one in VerifySignatures(proving.heads, keys, max_heads=2)()]
    assert sum(one.counts.signed_heads for one in checked) == 3
    return [finding for one in checked for finding in one.findings]


def figures(findings: Sequence[Finding]) -> list[tuple[Figure, int | None]]:
    return [(one.figure, one.page_number) for one in findings]


def forge(books: MemoryBooks, number: int) -> None:
    """Somebody raises a deposit, and makes the head of its page, and those behind it, anew."""
    pages = books.pages_by_partition[PARTITION]
    for index in range(number - 1, len(pages)):
        stored = pages[index]
        page = stored.page
        if stored.number == number:
            (one,) = page.transactions
            assert one.money is not None
            richer = one._replace(money=one.money._replace(amount=one.money.amount + 1))
            page = page._replace(transactions=(richer,))
            books.transactions[one.command.transaction_id] = richer
        before = pages[index - 1].page.head if index else None
        chain = Chain(books.secret(PARTITION), before or GENESIS)
        page = page._replace(head=head_after_page(chain, PARTITION, stored.run.offsets, page))
        pages[index] = stored._replace(page=page)
        books.pages[books.pages.index(stored)] = pages[index]
        books.heads[stored.number] = page.head


async def test_what_was_signed_and_not_changed_is_right(proving: Proving) -> None:
    assert await found(proving) == await found(proving, proving.signer) == []


async def test_a_page_that_was_hashed_anew_without_the_key_is_found(
    proving: Proving, books: MemoryBooks
) -> None:
    forge(books, 2)
    chains = VerifyBooks(MemoryBooksAudit(books))()[-1]
    assert Figure.HEAD not in [finding.figure async for one in chains for finding in one.findings]
    assert figures(await found(proving)) == [(Figure.SIGNED_HEAD, 2), (Figure.SIGNED_HEAD, 3)]


async def test_whoever_changes_the_signed_heads_too_lacks_the_signature(
    proving: Proving, books: MemoryBooks
) -> None:
    forge(books, 2)
    kept = books.signed_heads[PARTITION]
    for index, stored in enumerate(books.pages):
        head = stored.page.head
        assert head is not None
        kept[index] = kept[index]._replace(statement=kept[index].statement._replace(head=head))
    assert await found(proving) == []
    expected = [(Figure.SIGNATURE, 2), (Figure.SIGNATURE, 3)]
    assert figures(await found(proving, proving.signer)) == expected


async def test_a_head_of_another_key_is_found(proving: Proving, books: MemoryBooks) -> None:
    other, kept = new_signer(), books.signed_heads[PARTITION]
    signature = other.sign(statement_bytes(kept[0].statement))
    kept[0] = kept[0]._replace(key_id=other.key_id, signature=signature)
    assert figures(await found(proving, proving.signer)) == [(Figure.SIGNING_KEY, 1)]
    assert await found(proving, proving.signer, other) == []


async def test_a_signed_page_that_is_gone_is_found(proving: Proving, books: MemoryBooks) -> None:
    del books.pages[1]
    (finding,) = await found(proving, proving.signer)
    assert (finding.figure, finding.found, finding.page_number) == (Figure.SIGNED_HEAD, None, 2)
