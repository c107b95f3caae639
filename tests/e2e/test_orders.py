"""Every way that money moves, over HTTP, on real Kafka and PostgreSQL."""

import asyncio
from collections import Counter

import aiohttp
import pytest

from core.entities.shard import partition_of, shard_of
from tests.audit import audit
from tests.e2e.another_process import another_process
from tests.e2e.client import Client
from tests.eventually import eventually
from tests.running_stack import Run

pytestmark = pytest.mark.timeout(240)
PARTITIONS = 8


@pytest.fixture
def client(http: aiohttp.ClientSession) -> Client:
    return Client(http)


async def test_a_thousand_deposits_at_once_are_a_thousand(client: Client, run: Run) -> None:
    body = {"user_id": "orders-1", "amount": "0.01"}
    receipts = await asyncio.gather(*(client.accept("/deposit", body) for _ in range(1_000)))
    last = max(receipts, key=lambda one: int(one.body["position"].partition(":")[2]))
    found = await client.get(
        f"/statement/orders-1?limit=1000&order=asc&position={last.body['position']}"
    )
    assert [one["sequence"] for one in found.body["entries"]] == list(range(1, 1_001))
    assert found.body["closing_balance"] == "10.00"
    await audit(run.dsn)


async def test_of_six_holds_at_once_a_balance_for_five_bears_five(client: Client) -> None:
    await client.deposited("orders-2", 50)
    body = {"user_id": "orders-2", "amount": 10}
    answers = await asyncio.gather(*(client.post("/hold", body) for _ in range(6)))
    assert Counter(one.status for one in answers) == {201: 5, 422: 1}
    balance = await client.balance("orders-2")
    assert (balance["balance"], balance["held"], balance["available"]) == ("50.00", "50.00", "0.00")


async def test_opposite_transfers_between_partitions_neither_fail_nor_lose(
    client: Client, run: Run
) -> None:
    one, other = users_of_two_partitions("orders-3")
    for user_id in (one, other):
        await client.deposited(user_id, 100)

    async def transfers(payer: str, receiver: str) -> list[int]:
        body = {"from_user_id": payer, "to_user_id": receiver, "amount": "0.05"}
        return [(await client.post("/transfer", body)).status for _ in range(25)]

    statuses = await asyncio.gather(
        *(transfers(one, other) for _ in range(8)), *(transfers(other, one) for _ in range(8))
    )
    assert {status for several in statuses for status in several} == {201}
    assert [(await client.balance(user_id))["balance"] for user_id in (one, other)] == [
        "100.00",
        "100.00",
    ]
    await audit(run.dsn)


def users_of_two_partitions(prefix: str) -> tuple[str, str]:
    partitions: dict[int, str] = {}
    for number in range(100):
        user_id = f"{prefix}-{number}"
        partitions.setdefault(partition_of(shard_of(user_id), PARTITIONS), user_id)
    return partitions[0], partitions[PARTITIONS - 1]


async def test_of_a_hundred_captures_at_once_one_moves_the_money(client: Client) -> None:
    await client.deposited("orders-4", 30)
    hold = await client.post("/hold", {"user_id": "orders-4", "amount": 30, "to_user_id": "shop-4"})
    path = f"/hold/{hold.transaction_id}/capture"
    answers = await asyncio.gather(*(client.post(path) for _ in range(100)))
    assert Counter(one.status for one in answers) == {201: 1, 422: 99}
    assert {one.body.get("code") for one in answers} == {None, "hold_closed"}
    assert (await client.balance("shop-4"))["balance"] == "30.00"


async def test_what_is_said_of_a_hold_before_it_is_placed_queues_behind_it(
    client: Client,
) -> None:
    await client.accept("/deposit", {"user_id": "orders-5", "amount": 30})
    hold = await client.accept("/hold", {"user_id": "orders-5", "amount": 30})
    path = f"/hold/{hold.transaction_id}"
    capture = await client.accept(f"{path}/capture", {"amount": "10"})
    void = await client.post(f"{path}/void")
    assert (void.status, void.body["hold_status"]) == (422, "captured")
    assert (await client.get(f"/transactions/{capture.transaction_id}")).body["amount"] == "10.00"
    balance = await client.balance("orders-5")
    assert (balance["balance"], balance["held"]) == ("20.00", "0.00")


async def test_an_id_that_was_never_accepted_is_rejected(client: Client) -> None:
    unknown = "01900000-0000-7abc-8000-000000000000"
    for path, code in (
        (f"/hold/{unknown}/capture", "hold_not_found"),
        (f"/hold/{unknown}/void", "hold_not_found"),
        (f"/transactions/{unknown}/reverse", "transaction_not_found"),
    ):
        told = await client.post(path)
        assert (told.status, told.body["code"]) == (422, code)


async def test_what_was_asked_before_a_freeze_is_decided_before_it(client: Client) -> None:
    await client.deposited("orders-6", 10)
    body = {"user_id": "orders-6", "amount": 1}
    before = await client.accept("/withdraw", body)
    frozen = await client.patch("/accounts/orders-6", {"status": "frozen_debits"})
    after = await client.post("/withdraw", body)
    assert frozen.status == 201
    assert (await client.get(f"/transactions/{before.transaction_id}")).body["status"] == "posted"
    assert (after.status, after.body["code"]) == (422, "account_frozen")
    assert (await client.post("/deposit", body)).status == 201


async def test_a_hold_past_its_time_comes_free_by_itself(client: Client) -> None:
    await client.deposited("orders-7", 10)
    hold = await client.post("/hold", {"user_id": "orders-7", "amount": 10, "expires_in": 1})
    path = f"/hold/{hold.transaction_id}"
    assert (await client.get(path)).body["status"] == "open"

    async def is_expired() -> bool:
        return bool((await client.get(path)).body["status"] == "expired")

    await eventually(is_expired)
    assert (await client.balance("orders-7"))["available"] == "10.00"
    late = await client.post(f"{path}/capture")
    assert (late.body["code"], late.body["hold_status"]) == ("hold_closed", "expired")


async def test_a_reversal_gives_back_what_was_taken_and_no_more(client: Client) -> None:
    await client.deposited("orders-8", 100)
    body = {"from_user_id": "orders-8", "to_user_id": "orders-8-to", "amount": 60}
    paid = await client.post("/transfer", body)
    path = f"/transactions/{paid.transaction_id}/reverse"
    answers = await asyncio.gather(*(client.post(path, {"amount": 25}) for _ in range(4)))
    assert Counter(one.status for one in answers) == {201: 2, 422: 2}
    assert (await client.post(path)).body["amount"] == "10.00"
    assert (await client.balance("orders-8"))["balance"] == "100.00"
    again = await client.post(path)
    assert (again.status, again.body["code"]) == (422, "reversal_exceeded")


async def test_an_account_may_owe_as_much_as_it_was_given(client: Client) -> None:
    limit = await client.patch("/accounts/orders-9", {"overdraft_limit": "5.00"})
    assert limit.status == 201
    assert (await client.balance("orders-9"))["available"] == "5.00"
    assert (await client.post("/withdraw", {"user_id": "orders-9", "amount": 5})).status == 201
    lower = await client.patch("/accounts/orders-9", {"overdraft_limit": "4.99"})
    assert (lower.status, lower.body["code"], lower.body["in_use"]) == (
        422, "overdraft_in_use", "5.00",
    )  # fmt: skip
    closed = await client.patch("/accounts/orders-9", {"status": "closed"})
    assert (closed.status, closed.body["code"]) == (422, "balance_not_zero")
    account = (await client.get("/accounts/orders-9")).body
    assert (account["balance"], account["overdraft_limit"], account["status"]) == (
        "-5.00", "5.00", "open",
    )  # fmt: skip


async def test_a_balance_goes_to_the_edge_of_64_bits_and_no_further(client: Client) -> None:
    largest = {"type": "deposit", "user_id": "orders-10", "amount": "100000000000000.00"}
    told = await client.post("/batch", [largest] * 923)
    statuses = [one["http_status"] for one in told.body["results"]]
    assert statuses == [201] * 922 + [422]
    assert told.body["results"][-1]["body"]["code"] == "balance_limit_exceeded"
    rest = await client.post("/deposit", {"user_id": "orders-10", "amount": "33720368547758.07"})
    assert rest.body["entries"][0]["balance_after"] == "92233720368547758.07"
    over = await client.post("/deposit", {"user_id": "orders-10", "amount": "0.01"})
    assert (over.status, over.body["code"]) == (422, "balance_limit_exceeded")


async def test_a_batch_is_decided_in_its_order_and_again_the_same(client: Client, run: Run) -> None:
    items = [
        {"type": "deposit", "user_id": "orders-11", "amount": 5},
        {"type": "withdraw", "user_id": "orders-11", "amount": 6},
        {"type": "transfer", "from_user_id": "orders-11", "to_user_id": "orders-11-b", "amount": 5},
        {"type": "deposit", "user_id": "orders-11"},
        {"type": "hold", "user_id": "orders-11-b", "amount": 1, "idempotency_key": "orders-11-h"},
    ]
    key = {"Idempotency_Key": "orders-11"}
    first = await client.post("/batch", items, **key)
    again = await client.post("/batch", items, **key)
    assert [one["http_status"] for one in first.body["results"][:4]] == [201, 422, 201, 422]
    assert [one["body"].get("transaction_id") for one in again.body["results"]] == [
        one["body"].get("transaction_id") for one in first.body["results"]
    ]
    assert (await client.balance("orders-11-b"))["balance"] == "5.00"
    found = await client.get("/transactions?idempotency_key=orders-11-h")
    assert len(found.body["transactions"]) <= 1
    await audit(run.dsn)


async def test_a_key_through_two_api_processes_is_one_transaction(client: Client, run: Run) -> None:
    await client.deposited("orders-12", 100)
    hold = await client.post("/hold", {"user_id": "orders-12", "amount": 10})
    paid = await client.post("/withdraw", {"user_id": "orders-12", "amount": 10})
    commands: list[tuple[str, dict[str, object]]] = [
        ("/transfer", {"from_user_id": "orders-12", "to_user_id": "orders-12-b", "amount": 1}),
        ("/hold", {"user_id": "orders-12", "amount": 1, "expires_in": 600}),
        (f"/hold/{hold.transaction_id}/capture", {"amount": 1, "final": False}),
        (f"/transactions/{paid.transaction_id}/reverse", {"amount": 1}),
        ("/withdraw", {"user_id": "nobody-12", "amount": 1}),
    ]
    async with another_process(run, "api") as another:
        await eventually(another.is_ready)
        async with aiohttp.ClientSession(another.url) as session:
            clients = [client, Client(session)]
            for number, (path, body) in enumerate(commands):
                key = f"orders-12-{number}"
                told = await asyncio.gather(
                    *(
                        one.post(path, body, Idempotency_Key=key)
                        for one in clients
                        for _ in range(25)
                    )
                )
                ids = {
                    one.body.get("transaction_id") or one.body["transaction"]["transaction_id"]
                    for one in told
                }
                assert len(ids) == 1
                assert len({one.status for one in told}) == 1
                conflict = await clients[1].post(path, body | {"amount": 2}, Idempotency_Key=key)
                assert (conflict.body["code"], conflict.body["transaction_id"]) == (
                    "idempotency_conflict", ids.pop(),
                )  # fmt: skip
    balance = await client.balance("orders-12")
    assert (balance["balance"], balance["held"]) == ("89.00", "10.00")


async def test_a_key_is_remembered_when_everything_was_restarted(client: Client, run: Run) -> None:
    await client.deposited("orders-13", 10)
    body = {"from_user_id": "orders-13", "to_user_id": "orders-13-b", "amount": 1}
    first = await client.post("/transfer", body, Idempotency_Key="orders-13")
    await run.stop()
    await run.up()
    async with aiohttp.ClientSession(run.url) as session:
        again = await Client(session).post("/transfer", body, Idempotency_Key="orders-13")
    assert (again.status, again.body) == (first.status, first.body)
