"""A partition whose pages are posted, told and signed when a test says so, over any books."""

from dataclasses import dataclass, field
from typing import Any, Protocol, cast
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.outbound.keys.signing_key import Ed25519Signer
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.signed_heads import MemorySignedHeads
from adapters.outbound.system.currencies import IsoCurrencies
from core.entities.command import Command
from core.entities.ownership import Ownership
from core.entities.proof import Proof
from core.entities.receipt import Pending
from core.entities.record import Record
from core.entities.signed_head import MAX_SIGNED_RECORDS, SignedHead
from core.entities.transaction import Transaction
from core.errors import EventsUnavailableError
from core.ports.ledger import Ledger
from core.ports.ledger_reader import LedgerReader
from core.ports.signed_heads import Proofs, SignedHeads
from core.proof.proofs import check
from core.usecases.checks import Checks
from core.usecases.post_page import PageLimits, Posted, PostPage
from core.usecases.read_proof import ReadProof
from core.usecases.read_transaction import ReadTransaction
from core.usecases.sign_heads import SignHeads
from tests.builders import PARTITIONS, FixedClock, deposit, record

LEDGER = "tests"
SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b"a key of tests".ljust(32, b".")))
"""With the same key at every run."""
PARTITION = 0
"""The only one, so that everybody's commands belong there."""
LIMITS = PageLimits(max_records=100, max_entries=1_000, max_condemned_in_a_row=100)


class KeptHeads(SignedHeads, Proofs, Protocol):
    """Both sides at once."""


@dataclass
class PublishedHeads:
    """A `HeadLog` that may be away."""

    heads: list[SignedHead] = field(default_factory=list)
    is_away: bool = False

    async def publish(self, head: SignedHead) -> None:
        if self.is_away:
            raise EventsUnavailableError("away")
        self.heads.append(head)


@dataclass
class Found:
    """Reads transactions without waiting for anything."""

    reader: LedgerReader

    async def __call__(self, transaction_id: str, _: str | None) -> Transaction | Pending:
        wanted = UUID(transaction_id)
        found = (await self.reader.transactions([wanted])).get(wanted)
        return found or Pending(wanted, None)


@dataclass
class Proving:
    """One worker of partition `PARTITION`, and who signs and proves what it posts."""

    ledger: Ledger
    reader: LedgerReader
    heads: KeptHeads
    clock: FixedClock
    signer: Ed25519Signer = SIGNER
    published: PublishedHeads = field(default_factory=PublishedHeads)
    max_records: int = MAX_SIGNED_RECORDS
    seen: dict[int, bytes] = field(default_factory=dict)
    ownership: Ownership | None = None
    signing: SignHeads | None = None

    async def owned(self) -> Ownership:
        if self.ownership is None:
            position = await self.ledger.take_over(PARTITION)
            chain = await self.ledger.chain(PARTITION)
            offset = position.next_offset
            self.ownership = Ownership(
                PARTITION, "topic", position.epoch, offset, offset, position.told_page, 0, chain
            )
        return self.ownership

    async def post(self, *commands: Command) -> Posted:
        """Post a page of these commands."""
        owned = await self.owned()
        return await self.post_records(
            *(record(one, at, PARTITION) for at, one in enumerate(commands, owned.next_offset))
        )

    async def post_records(self, *records: Record) -> Posted:
        """Post a page of these records."""
        posted = await PostPage(self.ledger, LIMITS, 1)(await self.owned(), records)
        self.ownership = posted.ownership
        self.seen[posted.ownership.next_offset] = posted.ownership.chain.head
        return posted

    async def tell(self) -> None:
        """All pages are told from now on."""
        owned = await self.owned()
        untold = await self.ledger.untold_pages()
        last = max((one.number for one in untold), default=owned.told_page)
        await self.ledger.mark_published(PARTITION, owned.epoch, owned.next_offset, last)

    async def sign(self) -> SignedHead | None:
        """Sign the next head, if there is one."""
        if self.signing is None:
            self.signing = self.signer_process()
        return await self.signing(PARTITION, self.seen)

    def signer_process(self) -> SignHeads:
        """What a process signs with; another one remembers nothing."""
        return SignHeads(
            self.heads, self.published, self.signer, self.clock, LEDGER, self.max_records
        )

    async def settle(self, *commands: Command) -> Posted:
        """Post a page, tell it and sign it."""
        posted = await self.post(*commands)
        await self.tell()
        assert await self.sign() is not None
        return posted

    async def prove(self, transaction_id: UUID, user_id: str | None = None) -> Proof:
        """The proof of a transaction."""
        checks = Checks(IsoCurrencies(), "USD", PARTITIONS)
        found = cast("ReadTransaction", Found(self.reader))
        read_proof = ReadProof(checks, found, self.heads, self.clock)
        return await read_proof(str(transaction_id), user_id, None)

    async def fail_to_publish(self) -> None:
        """Post a page and tell it; its head is signed, and cannot be published meanwhile."""
        await self.post(deposit())
        await self.tell()
        self.published.is_away = True
        with pytest.raises(EventsUnavailableError):
            await self.sign()
        self.published.is_away = False

    def check(self, proof: Proof, *others: Ed25519Signer) -> None:
        """Check it against the signer's public key, or others'."""
        keys: dict[str, Any] = {one.key_id: one.public for one in (others or (self.signer,))}
        check(proof, keys)


def proving_in(books: MemoryBooks, heads: KeptHeads | None = None) -> Proving:
    """Everything over these books, with another keeper of heads if one is given."""
    clock = FixedClock()
    kept = heads or MemorySignedHeads(books)
    return Proving(MemoryLedger(books, clock), MemoryLedgerReader(books), kept, clock)
