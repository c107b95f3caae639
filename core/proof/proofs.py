"""Making the proof of a transaction, and checking one with nothing but public keys."""

import struct
from collections.abc import Mapping, Sequence
from typing import NoReturn

from core.entities.position import Position
from core.entities.proof import Proof, ShownEntry
from core.entities.signed_head import SignedHead
from core.entities.transaction import Transaction
from core.ports.keys import PublicKey
from core.ports.signed_heads import Stretch
from core.proof.canonical import entry_bytes
from core.proof.chain import chained
from core.proof.facts import facts_bytes, facts_of
from core.proof.leaves import entry_digests, transaction_leaf
from core.proof.salts import SALT_BYTES, salts_of
from core.proof.statements import statement_bytes


class NotProvenError(Exception):
    """The proof does not prove what it says. Its message names what does not fit."""


def proof_of(
    transaction: Transaction,
    user_id: str | None,
    stretch: Stretch,
    leaves: Sequence[bytes],
) -> Proof:
    """The proof that shows the entries of `user_id`, and of all others their digests alone.

    `leaves` are those of all records of the stretch, from the transaction's page to the signed head
    behind it.
    """
    index = transaction.position.offset - stretch.offsets.start
    salts = salts_of(stretch.secret, transaction.position, len(transaction.entries))
    entries: list[ShownEntry | bytes] = []
    for number, entry in enumerate(transaction.entries, 1):
        salt = salts[number * SALT_BYTES : (number + 1) * SALT_BYTES]
        is_shown = entry.account.user_id == user_id
        entries.append(
            ShownEntry(salt, entry) if is_shown else entry_digests(salt, [entry_bytes(entry)])
        )
    return Proof(
        facts=facts_of(transaction),
        salt=salts[:SALT_BYTES],
        entries=tuple(entries),
        head_before=stretch.head_before,
        leaves_before=tuple(leaves[:index]),
        leaves_after=tuple(leaves[index + 1 :]),
        signed_head=stretch.signed_head,
    )


def check(proof: Proof, keys: Mapping[str, PublicKey]) -> None:
    """Return if the proof leads to a head that one of the `keys` (by their ids) has signed.

    Raises `NotProvenError`.
    """
    try:
        _check(proof, keys)
    except (ValueError, struct.error) as error:
        raise NotProvenError(f"no transaction or head says this: {error}") from error


def _check(proof: Proof, keys: Mapping[str, PublicKey]) -> None:
    position, statement = proof.facts.position, proof.signed_head.statement
    if position.partition != statement.partition:
        _refuse(
            f"the transaction is in partition {position.partition}, and the head that was signed "
            f"is of partition {statement.partition}"
        )
    _check_places(proof, position)
    head = chained(proof.head_before, (*proof.leaves_before, _leaf(proof), *proof.leaves_after))
    if head != statement.head:
        _refuse("the transaction and the hashes around it do not lead to the head that was signed")
    _check_signature(proof.signed_head, keys)


def _check_places(proof: Proof, position: Position) -> None:
    next_offset = proof.signed_head.statement.next_offset
    end = position.offset + 1 + len(proof.leaves_after)
    if end != next_offset:
        _refuse(
            f"hashes of {len(proof.leaves_after)} records follow the transaction's at offset "
            f"{position.offset}, which makes {end}; the head that was signed is of {next_offset}"
        )
    if len(proof.leaves_before) > position.offset:
        _refuse(f"more hashes come before the transaction than the {position.offset} there can be")


def _leaf(proof: Proof) -> bytes:
    digests = [
        entry_digests(one.salt, [entry_bytes(one.entry)]) if isinstance(one, ShownEntry) else one
        for one in proof.entries
    ]
    transaction = facts_bytes(proof.facts, len(proof.entries))
    return transaction_leaf(proof.salt, transaction, b"".join(digests))


def _check_signature(signed: SignedHead, keys: Mapping[str, PublicKey]) -> None:
    key = keys.get(signed.key_id)
    if key is None:
        known = ", ".join(sorted(keys)) or "none"
        _refuse(f"the head was signed by key {signed.key_id}; the keys that were given are {known}")
    if not key.is_signature(signed.signature, statement_bytes(signed.statement)):
        _refuse(f"the signature of the head is not that of key {signed.key_id}")


def _refuse(reason: str) -> NoReturn:
    raise NotProvenError(reason)
