"""`GET /transactions/{id}/proof` and `GET /proofs/head`."""

from typing import Any

import pytest

from adapters.inbound.cli.receipt_check import proven
from core.errors import LedgerUnavailableError
from core.proof.proofs import NotProvenError
from tests.builders import NOON, PARTITIONS, partition_for
from tests.proving import SIGNER
from tests.unit.http.world import Api, World

UNKNOWN = "01a20697-bf10-7a66-98df-82d7a32740d9"
KEYS = {SIGNER.key_id: SIGNER.public}
WAITING = {"Prefer": "wait=5"}


async def deposited(api: Api, user_id: str = "alice") -> str:
    answer = await api.deposit(user_id, **WAITING)
    transaction_id: str = answer.body["transaction_id"]
    return transaction_id


async def test_a_receipt_is_a_file_that_proves_its_transaction(api: Api, world: World) -> None:
    transaction_id = await deposited(api)
    await world.sign()
    answer = await api.get(f"/transactions/{transaction_id}/proof")
    assert answer.status == 200
    named = f'attachment; filename="receipt-{transaction_id}.json"'
    assert answer.headers["Content-Disposition"] == named
    assert answer.headers["Cache-Control"] == "no-store"
    sentences = proven(answer.text.encode(), KEYS)
    position = answer.body["transaction"]["position"]
    assert sentences == [
        (
            f"Ledger tests posted transaction {transaction_id}, a deposit of 100.50 USD, "
            f"at position {position}, 2026-01-31T12:00:00.000000Z."
        ),
        "What was asked for: alice.",
        "Entry 1 of alice: 100.50 USD, and after it a balance of 100.50 USD.",
        (
            f"Key {SIGNER.key_id} signed it with page 1 of partition {partition_for('alice')}, "
            "2026-01-31T12:00:00.000000Z."
        ),
    ]


async def test_each_party_of_a_transfer_has_a_receipt_of_its_own(api: Api, world: World) -> None:
    await deposited(api)
    body = '{"from_user_id": "alice", "to_user_id": "bob", "amount": 30}'
    moved = (await api.post("/transfer", body, **WAITING)).body["transaction_id"]
    await world.sign()
    path = f"/transactions/{moved}/proof"
    of_alice = proven((await api.get(f"{path}?user_id=alice")).text.encode(), KEYS)
    of_bob = proven((await api.get(f"{path}?user_id=bob")).text.encode(), KEYS)
    of_nobody = proven((await api.get(path)).text.encode(), KEYS)
    assert of_alice[2] == "Entry 2 of alice: -30.00 USD, and after it a balance of 70.50 USD."
    assert of_bob[2] == "Entry 1 of bob: 30.00 USD, and after it a balance of 30.00 USD."
    assert "70.50" not in "".join(of_bob)
    assert not any(one.startswith("Entry") for one in of_nobody)
    stranger = await api.get(f"{path}?user_id=carol")
    assert (stranger.status, stranger.body["code"]) == (404, "transaction_not_found")


async def test_a_rejection_is_proven_too(api: Api, world: World) -> None:
    await deposited(api)
    refused = await api.withdraw(amount="1000", **WAITING)
    await world.sign()
    transaction_id = refused.body["transaction"]["transaction_id"]
    answer = await api.get(f"/transactions/{transaction_id}/proof")
    sentences = proven(answer.text.encode(), KEYS)
    assert "rejected transaction" in sentences[0]
    assert sentences[2] == "Why it changed nothing: insufficient_funds."


@pytest.mark.parametrize("transaction_id", [UNKNOWN, "x"])
async def test_what_there_never_was_has_no_receipt(api: Api, transaction_id: str) -> None:
    answer = await api.get(f"/transactions/{transaction_id}/proof")
    assert (answer.status, answer.body["code"]) == (404, "transaction_not_found")


async def test_a_ledger_that_signs_nothing_says_so(api: Api, world: World) -> None:
    transaction_id = await deposited(api)
    world.clock.advance(60)
    for path in (f"/transactions/{transaction_id}/proof", "/proofs/head"):
        answer = await api.get(path)
        assert (answer.status, answer.body["code"]) == (404, "proofs_not_signed")


async def test_what_is_posted_and_not_signed_is_to_be_asked_for_again(
    api: Api, world: World
) -> None:
    await deposited(api)
    await world.sign()
    later = await deposited(api)
    answer = await api.get(f"/transactions/{later}/proof")
    assert (answer.status, answer.body["code"]) == (503, "not_yet_signed")
    assert answer.headers["Retry-After"] == "1"
    await world.sign()
    assert (await api.get(f"/transactions/{later}/proof")).status == 200


async def test_what_is_pending_is_to_be_asked_for_again(api: Api, world: World) -> None:
    world.posts = False
    receipt = (await api.deposit()).body
    path = f"/transactions/{receipt['transaction_id']}/proof?position={receipt['position']}"
    answer = await api.get(path)
    assert (answer.status, answer.body["code"]) == (503, "not_yet_signed")


async def test_a_receipt_of_changed_books_is_refused(api: Api, world: World) -> None:
    transaction_id = await deposited(api)
    await world.sign()
    stored = world.books.pages[0]
    (one,) = stored.page.transactions
    changed = stored._replace(page=stored.page._replace(transactions=(one._replace(money=None),)))
    world.books.pages[0] = changed
    world.books.pages_by_partition[stored.run.partition][0] = changed
    answer = await api.get(f"/transactions/{transaction_id}/proof")
    assert (answer.status, answer.body["code"]) == (500, "internal_error")


async def test_heads_are_those_that_were_signed_last(api: Api, world: World) -> None:
    for user_id in ("alice", "bob", "alice"):
        await deposited(api, user_id)
        await world.sign()
    answer = await api.get("/proofs/head")
    heads: list[dict[str, Any]] = answer.body["heads"]
    partitions = sorted({partition_for("alice"), partition_for("bob")})
    assert [one["partition"] for one in heads] == partitions
    of_alice = next(one for one in heads if one["partition"] == partition_for("alice"))
    kept = world.books.signed_heads[partition_for("alice")][-1]
    assert of_alice == {
        "ledger": "tests",
        "partition": partition_for("alice"),
        "page_number": 3,
        "next_offset": 2,
        "head": kept.statement.head.hex(),
        "signed_at": NOON.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "key_id": SIGNER.key_id,
        "signature": kept.signature.hex(),
    }
    one = await api.get(f"/proofs/head?partition={partition_for('alice')}")
    assert one.body["heads"] == [of_alice]
    others = set(range(PARTITIONS)) - set(partitions)
    assert (await api.get(f"/proofs/head?partition={min(others)}")).body == {"heads": []}


@pytest.mark.parametrize("partition", ["-1", "8", "99999", "x", "1.0", "١"])
async def test_a_partition_that_does_not_exist_is_refused(api: Api, partition: str) -> None:
    answer = await api.get(f"/proofs/head?partition={partition}")
    assert (answer.status, answer.body["field"]) == (422, "partition")


async def test_a_ledger_that_is_away_is_said_to_be(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise LedgerUnavailableError("away")

    monkeypatch.setattr(world.signed_heads, "newest", away)
    answer = await api.get("/proofs/head")
    assert (answer.status, answer.body["code"]) == (503, "ledger_unavailable")


def test_a_file_that_proves_nothing_is_refused() -> None:
    with pytest.raises(NotProvenError, match="no receipt"):
        proven(b"{}", KEYS)
