"""A proof convinces whoever has the public key, of what it says alone, and tells nothing else."""

from typing import Any

import pytest

from adapters.outbound.keys.signing_key import new_signer
from adapters.outbound.memory.books import MemoryBooks
from adapters.proof_records import decode_proof, encode_proof
from core.entities.command import Command
from core.entities.proof import Proof, ShownEntry
from core.entities.signed_head import SignedHead
from core.entities.transaction import Transaction
from core.errors import BrokenInvariantError
from core.proof.canonical import transaction_bytes
from core.proof.facts import facts_bytes, facts_of
from core.proof.proofs import NotProvenError
from core.proof.salts import SALT_BYTES, salts_of
from core.proof.statements import statement_bytes
from core.refusals import NotSignedError, NotYetSignedError, TransactionNotFoundError
from tests.builders import (
    capture,
    deposit,
    hold,
    transfer,
    unkeyed_id,
    withdrawal,
)
from tests.command_examples import COMMANDS
from tests.proving import PARTITION, Proving, proving_in
from tests.unit.told_transactions import told_transactions


@pytest.fixture
def books() -> MemoryBooks:
    return MemoryBooks()


@pytest.fixture
def proving(books: MemoryBooks) -> Proving:
    return proving_in(books)


async def proven(proving: Proving, *others: Command) -> Proof:
    """The proof of a deposit of alice, with others' records around it."""
    wanted = deposit(reference="order 17", metadata={"b": "2", "a": "ä"}, idempotency_key="key")
    await proving.settle(deposit("alice", 1), deposit("bob", 77_777), wanted, *others)
    return await proving.prove(wanted.transaction_id)


def resigned(proving: Proving, proof: Proof, **changes: Any) -> Proof:
    """The proof with a head that says something else, under a good signature."""
    statement = proof.signed_head.statement._replace(**changes)
    signature = proving.signer.sign(statement_bytes(statement))
    return proof._replace(signed_head=SignedHead(statement, proving.signer.key_id, signature))


# What is proven


async def test_a_proof_is_checked_with_the_public_key_alone(proving: Proving) -> None:
    proof = await proven(proving, deposit("carol", 5))
    proving.check(decode_proof(encode_proof(proof)))
    assert (len(proof.leaves_before), len(proof.leaves_after)) == (2, 1)


@pytest.mark.parametrize("one", told_transactions(), ids=lambda one: one.command.type)
def test_facts_have_the_bytes_of_their_transaction(one: Transaction) -> None:
    assert facts_bytes(facts_of(one), len(one.entries)) == transaction_bytes(one)


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.type)
def test_whatever_an_order_says_has_a_place_among_the_facts(one: Command) -> None:
    told = told_transactions()[0]._replace(command=one)
    assert facts_bytes(facts_of(told), 2) == transaction_bytes(told)


async def test_a_file_says_the_same_when_it_is_read_again(proving: Proving) -> None:
    placed = hold(to_user_id="shop")
    refused = capture(placed.transaction_id, "999999")
    await proving.settle(deposit(), placed, refused, capture(placed.transaction_id), transfer())
    for one in (placed, refused):
        proof = await proving.prove(one.transaction_id)
        read = decode_proof(encode_proof(proof))
        proving.check(read)
        assert read == proof


async def test_old_heads_stay_good_under_their_own_key(proving: Proving) -> None:
    old, earlier = proving.signer, await proven(proving)
    proving.signer, proving.signing = new_signer(), None
    await proving.settle(deposit())
    proving.check(earlier, proving.signer, old)
    with pytest.raises(NotProvenError, match=f"signed by key {old.key_id}"):
        proving.check(earlier, proving.signer)


# What is not


async def test_no_byte_of_a_file_can_be_another_one(proving: Proving) -> None:
    content = encode_proof(await proven(proving, deposit("carol", 5)))
    passed = []
    for index, byte in enumerate(content):
        for changed in {byte ^ 1, byte ^ 0x20, ord(" "), ord("0"), ord("1")} - {byte}:
            flipped = content[:index] + bytes([changed]) + content[index + 1 :]
            try:
                proving.check(decode_proof(flipped))
            except (ValueError, NotProvenError):
                continue
            passed.append((index, content[index - 20 : index + 20], chr(changed)))
    assert passed == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"receipt": 1', b'"receipt": 2'),
        (b'"receipt": 1', b'"receipt": 1.0'),
        (b'"receipt": 1,', b'"receipt": 1, "receipt": 1,'),
        (b'"receipt": 1,', b'"receipt": 1, "note": "paid",'),
        (b'"client"', b'"by": "me", "client"'),
        (b'"reference": "order 17"', b'"reference": "\\u006frder 17"'),
        (b'"receipt": 1,\n', b'"receipt": 1,\n\n'),
        (b'"10050"', b'"010050"'),
        (b'"10050"', b'"-0"'),
        (b'"10050"', '"１００５０"'.encode()),
        (b'"a": "\xc3\xa4"', b'"a": "\xff"'),
        (b".000000Z", b".000000+00:00"),
    ],
)
async def test_a_file_has_one_form(proving: Proving, old: bytes, new: bytes) -> None:
    content = encode_proof(await proven(proving))
    assert old in content
    with pytest.raises(ValueError, match="receipt"):
        decode_proof(content.replace(old, new, 1))


async def test_a_file_that_is_no_receipt_is_refused() -> None:
    for content in (b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"receipt": 1}'):
        with pytest.raises(ValueError, match="is no receipt"):
            decode_proof(content)


async def test_a_head_of_another_key_is_refused(proving: Proving) -> None:
    proof, other = await proven(proving), new_signer()
    signature = other.sign(statement_bytes(proof.signed_head.statement))
    forged = proof._replace(signed_head=proof.signed_head._replace(signature=signature))
    with pytest.raises(NotProvenError, match="signature"):
        proving.check(forged)
    named = forged._replace(signed_head=forged.signed_head._replace(key_id=other.key_id))
    with pytest.raises(NotProvenError, match="the keys that were given are"):
        proving.check(named)


async def test_a_head_of_another_partition_is_refused(proving: Proving) -> None:
    proof = await proven(proving)
    with pytest.raises(NotProvenError, match="is of partition"):
        proving.check(resigned(proving, proof, partition=PARTITION + 1))


async def test_a_head_of_another_place_is_refused(proving: Proving) -> None:
    proof = await proven(proving)
    with pytest.raises(NotProvenError, match="the head that was signed is of"):
        proving.check(resigned(proving, proof, next_offset=4))


async def test_more_records_before_it_than_there_are_is_refused(proving: Proving) -> None:
    proof = await proven(proving)
    with pytest.raises(NotProvenError, match="before the transaction"):
        proving.check(proof._replace(leaves_before=(*proof.leaves_before, bytes(32))))


async def test_a_head_of_another_ledger_is_refused(proving: Proving) -> None:
    proof = await proven(proving)
    statement = proof.signed_head.statement._replace(ledger="another")
    with pytest.raises(NotProvenError, match="signature"):
        proving.check(proof._replace(signed_head=proof.signed_head._replace(statement=statement)))


async def test_numbers_that_no_transaction_has_are_refused(proving: Proving) -> None:
    proof = await proven(proving)
    money = proof.facts.money
    assert money is not None
    huge = proof.facts._replace(money=money._replace(amount=2**70))
    with pytest.raises(NotProvenError, match="no transaction"):
        proving.check(proof._replace(facts=huge))


# What it tells


def shown_users(proof: Proof) -> list[str | None]:
    return [
        one.entry.account.user_id if isinstance(one, ShownEntry) else None for one in proof.entries
    ]


async def test_of_a_deposit_the_users_entry_is_shown_and_the_houses_is_not(
    proving: Proving,
) -> None:
    proof = await proven(proving)
    assert shown_users(proof) == [None, "alice"]


async def test_of_a_transfer_each_party_is_shown_its_own_entry_when_it_is_named(
    proving: Proving,
) -> None:
    wanted = transfer("alice", "bob", 50)
    await proving.settle(deposit("alice"), wanted)
    assert shown_users(await proving.prove(wanted.transaction_id)) == [None, None]
    for user_id, expected in (("alice", ["alice", None]), ("bob", [None, "bob"])):
        proof = await proving.prove(wanted.transaction_id, user_id)
        proving.check(proof)
        assert shown_users(proof) == expected


async def test_nobody_else_is_shown_anything(proving: Proving) -> None:
    wanted = transfer("alice", "bob", 50)
    await proving.settle(deposit("alice"), wanted)
    for user_id in ("carol", "shop"):
        with pytest.raises(TransactionNotFoundError):
            await proving.prove(wanted.transaction_id, user_id)


async def test_a_rejected_one_is_proven_to_whom_it_was_about(proving: Proving) -> None:
    wanted = withdrawal(amount=10**9)
    await proving.settle(deposit(), wanted)
    proof = await proving.prove(wanted.transaction_id, "alice")
    proving.check(proof)
    assert proof.facts.rejection is not None
    with pytest.raises(TransactionNotFoundError):
        await proving.prove(wanted.transaction_id, "bob")


async def test_neither_the_secret_nor_a_salt_of_what_is_hidden_is_in_the_file(
    proving: Proving, books: MemoryBooks
) -> None:
    proof = await proven(proving, deposit("carol", 5))
    content, secret = encode_proof(proof), books.secret(PARTITION)
    assert secret.hex().encode() not in content
    told = []
    for one in books.transactions.values():
        salts = salts_of(secret, one.position, len(one.entries))
        parts = [salts[at : at + SALT_BYTES] for at in range(0, len(salts), SALT_BYTES)]
        told += [
            (one.position.offset, number)
            for number, salt in enumerate(parts)
            if salt.hex().encode() in content
        ]
    own = proof.facts.position.offset
    assert told == [(own, 0), (own, 2)]


async def test_other_clients_are_not_in_the_file(proving: Proving) -> None:
    content = encode_proof(await proven(proving, deposit("carol", 4_321)))
    for told in (b"bob", b"carol", b"77777", b"4321", b"settlement", b"-10050"):
        assert told not in content


async def test_an_entry_that_was_made_up_for_a_hidden_one_is_refused(proving: Proving) -> None:
    wanted = transfer("alice", "bob", 50)
    await proving.settle(deposit("alice"), wanted)
    proof = await proving.prove(wanted.transaction_id, "alice")
    own = proof.entries[0]
    assert isinstance(own, ShownEntry)
    claim = own.entry._replace(account=own.entry.account._replace(user_id="bob"), amount=50)
    for salt in (own.salt, proof.salt, bytes(16)):
        with pytest.raises(NotProvenError, match="do not lead"):
            proving.check(proof._replace(entries=(own, ShownEntry(salt, claim))))


async def test_an_entry_that_is_left_out_is_missed(proving: Proving) -> None:
    proof = await proven(proving)
    with pytest.raises(NotProvenError, match="do not lead"):
        proving.check(proof._replace(entries=proof.entries[1:]))


# When there is none


async def test_without_any_signed_head_there_is_no_proof_and_none_to_wait_for(
    proving: Proving,
) -> None:
    wanted = deposit()
    await proving.post(wanted)
    proving.clock.advance(31)
    with pytest.raises(NotSignedError):
        await proving.prove(wanted.transaction_id)


async def test_the_first_head_of_a_ledger_is_worth_waiting_for(proving: Proving) -> None:
    wanted = deposit()
    await proving.post(wanted)
    proving.clock.advance(29)
    with pytest.raises(NotYetSignedError):
        await proving.prove(wanted.transaction_id)


async def test_what_is_not_decided_is_not_signed_yet(proving: Proving) -> None:
    with pytest.raises(NotYetSignedError):
        await proving.prove(unkeyed_id("alice"))


async def test_what_was_posted_before_there_were_heads_has_no_proof(
    proving: Proving, books: MemoryBooks
) -> None:
    wanted = deposit()
    await proving.post(wanted)
    stored = books.pages[0]
    bare = stored._replace(page=stored.page._replace(head=None))
    books.pages[0] = books.pages_by_partition[PARTITION][0] = bare
    await proving.settle(deposit())
    with pytest.raises(NotSignedError):
        await proving.prove(wanted.transaction_id)


async def test_nothing_is_proven_from_books_that_were_changed(
    proving: Proving, books: MemoryBooks
) -> None:
    wanted, other = deposit(), deposit("bob", 5)
    await proving.settle(wanted, other)
    stored = books.pages[0]
    first, second = stored.page.transactions
    changed = stored.page._replace(transactions=(first, second._replace(money=None)))
    books.pages[0] = books.pages_by_partition[PARTITION][0] = stored._replace(page=changed)
    with pytest.raises(BrokenInvariantError, match="were changed"):
        await proving.prove(wanted.transaction_id)


async def test_a_proof_of_many_records_is_put_together_in_parts(proving: Proving) -> None:
    wanted = deposit()
    await proving.post(wanted, *(deposit("bob", 1) for _ in range(80)))
    for _ in range(4):
        await proving.post(*(deposit("bob", 1) for _ in range(80)))
    await proving.tell()
    assert await proving.sign() is not None
    proof = await proving.prove(wanted.transaction_id)
    proving.check(proof)
    assert len(proof.leaves_after) == 400
