"""Leaves: one SHA-256 for each record of the log, of what came of it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from core.entities.dead_letter import DeadLetter
from core.entities.position import Position
from core.entities.transaction import Transaction
from core.proof.canonical import dead_letter_bytes, entry_bytes, place_bytes, transaction_bytes
from core.proof.salts import SALT_BYTES, salts_of

Outcome = Transaction | DeadLetter
"""What came of a record; many come to nothing, such as a repeat."""

# What a hash is of, so that none can pass for one of another kind.
_TRANSACTION: Final = b"counterfoil/leaf/1/transaction"
_ENTRY: Final = b"counterfoil/leaf/1/entry"
_DEAD_LETTER: Final = b"counterfoil/leaf/1/dead-letter"
_NOTHING: Final = b"counterfoil/leaf/1/nothing"

_sha256: Final = hashlib.sha256


def by_offset(
    transactions: Iterable[Transaction], dead_letters: Iterable[DeadLetter]
) -> dict[int, Outcome]:
    """What came of records of one partition, by their offsets."""
    outcomes: dict[int, Outcome] = {one.position.offset: one for one in transactions}
    for letter in dead_letters:
        outcomes[letter.record.position.offset] = letter
    return outcomes


def leaves_of(
    secret: bytes, partition: int, offsets: range, outcomes: Mapping[int, Outcome]
) -> Iterator[bytes]:
    """A leaf for each of the offsets of a partition that has this secret.

    `outcomes` are those of its records that came to anything, by their offsets.
    """
    for offset in offsets:
        outcome = outcomes.get(offset)
        if type(outcome) is Transaction:
            yield _of_transaction(secret, outcome)
        else:
            yield _of_other(secret, Position(partition, offset), outcome)


def transaction_leaf(salt: bytes, transaction: bytes, entry_digests: bytes) -> bytes:
    """The leaf of a transaction's canonical bytes, and of its entries' digests in their order."""
    return _sha256(_TRANSACTION + salt + transaction + entry_digests).digest()


def entry_digests(salts: bytes, entries: Sequence[bytes]) -> bytes:
    """What stands for entries in their transaction's leaf, and tells nothing of them: of each the
    hash of its salt, the next of `salts`, and its canonical bytes.
    """
    digests = b""
    at = 0
    for entry in entries:
        digests += _sha256(_ENTRY + salts[at : at + SALT_BYTES] + entry).digest()
        at += SALT_BYTES
    return digests


def leaf_of_bytes(
    secret: bytes, position: tuple[int, int], transaction: bytes, entries: Sequence[bytes]
) -> bytes:
    """The leaf of a transaction with these canonical bytes, and those of its entries."""
    salts = salts_of(secret, position, len(entries))
    digests = entry_digests(salts[SALT_BYTES:], entries)
    return transaction_leaf(salts[:SALT_BYTES], transaction, digests)


def _of_other(secret: bytes, position: Position, outcome: Outcome | None) -> bytes:
    salt = salts_of(secret, position, 0)[:SALT_BYTES]
    if isinstance(outcome, DeadLetter):
        return _sha256(_DEAD_LETTER + salt + dead_letter_bytes(outcome)).digest()
    return _sha256(_NOTHING + salt + place_bytes(position)).digest()


def _of_transaction(secret: bytes, transaction: Transaction) -> bytes:
    entries = [entry_bytes(entry) for entry in transaction.entries]
    return leaf_of_bytes(secret, transaction.position, transaction_bytes(transaction), entries)
