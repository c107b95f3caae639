"""The proof of one transaction: all that it takes to arrive at a signed head without the books."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core.entities.money import Money
from core.entities.position import Position
from core.entities.signed_head import SignedHead
from core.entities.transaction import Entry, Rejection


class Facts(NamedTuple):
    """What a transaction's canonical bytes say, no more and no less.

    `order` is what its kind of order is written as: see `core.proof.canonical`.
    """

    position: Position
    transaction_id: UUID
    kind: str
    order: tuple[str | None, ...]
    money: Money | None
    reference: str | None
    metadata: Mapping[str, str] | None
    client: str
    idempotency_key: str | None
    request_id: str
    fingerprint: bytes
    accepted_at: datetime
    posted_at: datetime
    hold_user_id: str | None
    rejection: Rejection | None


class ShownEntry(NamedTuple):
    """An entry that the proof reveals, and the salt of its digest."""

    salt: bytes
    entry: Entry


class Proof(NamedTuple):
    """A transaction with its leaf's salt, and the leaves around its own up to a signed head.

    Of an entry that is not to be seen there is its digest alone, which tells nothing without its
    salt. `head_before` is the one that the first of `leaves_before` follows; the transaction's own
    leaf comes between `leaves_before` and `leaves_after`.
    """

    facts: Facts
    salt: bytes
    entries: tuple[ShownEntry | bytes, ...]
    head_before: bytes
    leaves_before: tuple[bytes, ...]
    leaves_after: tuple[bytes, ...]
    signed_head: SignedHead
