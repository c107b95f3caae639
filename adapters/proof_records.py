"""Proofs as files: each has one form, byte for byte."""

from datetime import datetime
from typing import Final

import msgspec

from adapters.representations import time_text
from adapters.schemas.proofs import (
    HiddenEntry,
    ProofFile,
    ProvenMoney,
    ProvenRejection,
    ProvenTransaction,
)
from adapters.schemas.proofs import ShownEntry as ShownEntryRecord
from adapters.schemas.proofs import SignedHead as SignedHeadRecord
from core.entities.account import AccountKey
from core.entities.money import Money
from core.entities.position import Position
from core.entities.proof import Facts, Proof, ShownEntry
from core.entities.signed_head import HeadStatement, SignedHead
from core.entities.transaction import Entry, Rejection, RejectionCode

VERSION: Final = 1
_INDENT: Final = 2

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(ProofFile)


def encode_proof(proof: Proof) -> bytes:
    """The file."""
    file = ProofFile(
        receipt=VERSION,
        transaction=_transaction_record(proof.facts),
        salt=proof.salt.hex(),
        entries=[
            _entry_record(one) if isinstance(one, ShownEntry) else HiddenEntry(digest=one.hex())
            for one in proof.entries
        ],
        head_before=proof.head_before.hex(),
        leaves_before=[one.hex() for one in proof.leaves_before],
        leaves_after=[one.hex() for one in proof.leaves_after],
        signed_head=signed_head_record(proof.signed_head),
    )
    return msgspec.json.format(_encoder.encode(file), indent=_INDENT) + b"\n"


def decode_proof(content: bytes) -> Proof:
    """The proof in a file. Raises `ValueError` unless it is written exactly as `encode_proof`
    writes it, so that there is nothing in it that is not checked.
    """
    try:
        proof = _proof_of(_decoder.decode(content))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no receipt of this version: {error}") from error
    if encode_proof(proof) != content:
        raise ValueError("it is not written as receipts are issued, byte for byte")
    return proof


def signed_head_record(signed: SignedHead) -> SignedHeadRecord:
    """A signed head as it is shown."""
    statement = signed.statement
    return SignedHeadRecord(
        ledger=statement.ledger,
        partition=statement.partition,
        page_number=statement.page_number,
        next_offset=statement.next_offset,
        head=statement.head.hex(),
        signed_at=time_text(statement.signed_at),
        key_id=signed.key_id,
        signature=signed.signature.hex(),
    )


def signed_head_of(record: SignedHeadRecord) -> SignedHead:
    """The signed head that is shown. Raises `ValueError`."""
    statement = HeadStatement(
        ledger=record.ledger,
        partition=record.partition,
        page_number=record.page_number,
        next_offset=record.next_offset,
        head=bytes.fromhex(record.head),
        signed_at=datetime.fromisoformat(record.signed_at),
    )
    return SignedHead(statement, record.key_id, bytes.fromhex(record.signature))


def _transaction_record(facts: Facts) -> ProvenTransaction:
    money, rejection = facts.money, facts.rejection
    return ProvenTransaction(
        transaction_id=facts.transaction_id,
        type=facts.kind,
        order=[*facts.order],
        money=None
        if money is None
        else ProvenMoney(
            minor_units=str(money.amount), currency=money.currency, exponent=money.exponent
        ),
        reference=facts.reference,
        metadata=None if facts.metadata is None else dict(sorted(facts.metadata.items())),
        client=facts.client,
        idempotency_key=facts.idempotency_key,
        request_id=facts.request_id,
        fingerprint=facts.fingerprint.hex(),
        position=str(facts.position),
        accepted_at=time_text(facts.accepted_at),
        posted_at=time_text(facts.posted_at),
        hold_user_id=facts.hold_user_id,
        rejection=None if rejection is None else _rejection_record(rejection),
    )


def _rejection_record(rejection: Rejection) -> ProvenRejection:
    return ProvenRejection(
        code=rejection.code.value,
        currency=rejection.currency,
        figures={name: str(rejection.figures[name]) for name in sorted(rejection.figures)},
        facts=dict(sorted(rejection.facts.items())),
    )


def _entry_record(shown: ShownEntry) -> ShownEntryRecord:
    (shard, user_id, currency), sequence, amount, balance_after, posted_at = shown.entry
    return ShownEntryRecord(
        salt=shown.salt.hex(),
        shard=shard,
        user_id=user_id,
        currency=currency,
        sequence=sequence,
        minor_units=str(amount),
        balance_after=str(balance_after),
        posted_at=time_text(posted_at),
    )


def _proof_of(file: ProofFile) -> Proof:
    return Proof(
        facts=_facts_of(file.transaction),
        salt=bytes.fromhex(file.salt),
        entries=tuple(
            _shown_entry_of(one) if isinstance(one, ShownEntryRecord) else bytes.fromhex(one.digest)
            for one in file.entries
        ),
        head_before=bytes.fromhex(file.head_before),
        leaves_before=tuple(bytes.fromhex(one) for one in file.leaves_before),
        leaves_after=tuple(bytes.fromhex(one) for one in file.leaves_after),
        signed_head=signed_head_of(file.signed_head),
    )


def _facts_of(record: ProvenTransaction) -> Facts:
    money, rejection = record.money, record.rejection
    return Facts(
        position=Position.parse(record.position),
        transaction_id=record.transaction_id,
        kind=record.type,
        order=tuple(record.order),
        money=None
        if money is None
        else Money(int(money.minor_units), money.currency, money.exponent),
        reference=record.reference,
        metadata=record.metadata,
        client=record.client,
        idempotency_key=record.idempotency_key,
        request_id=record.request_id,
        fingerprint=bytes.fromhex(record.fingerprint),
        accepted_at=datetime.fromisoformat(record.accepted_at),
        posted_at=datetime.fromisoformat(record.posted_at),
        hold_user_id=record.hold_user_id,
        rejection=None if rejection is None else _rejection_of(rejection),
    )


def _rejection_of(record: ProvenRejection) -> Rejection:
    return Rejection(
        RejectionCode(record.code),
        {name: int(figure) for name, figure in record.figures.items()},
        record.currency,
        record.facts,
    )


def _shown_entry_of(record: ShownEntryRecord) -> ShownEntry:
    entry = Entry(
        AccountKey(record.shard, record.user_id, record.currency),
        record.sequence,
        int(record.minor_units),
        int(record.balance_after),
        datetime.fromisoformat(record.posted_at),
    )
    return ShownEntry(bytes.fromhex(record.salt), entry)
