"""HTTP in, balance out: the four original calls, and what is promised around them."""

import asyncio
from typing import Any

import aiohttp
import pytest

import bootstrap
from tests.audit import audit
from tests.eventually import eventually
from tests.running_stack import Run

pytestmark = pytest.mark.timeout(180)

Answer = tuple[int, dict[str, Any], aiohttp.ClientResponse]


async def post(
    http: aiohttp.ClientSession, path: str, body: dict[str, Any], **headers: str
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with http.post(path, json=body, headers=named) as answer:
        return answer.status, await answer.json(content_type=None), answer


async def get(http: aiohttp.ClientSession, path: str) -> Answer:
    async with http.get(path) as answer:
        return answer.status, await answer.json(content_type=None), answer


async def receipt_of(http: aiohttp.ClientSession, transaction_id: str) -> bytes:
    """The receipt of a transaction, once a head behind it is signed."""
    content = b""

    async def is_signed() -> bool:
        nonlocal content
        async with http.get(f"/transactions/{transaction_id}/proof") as answer:
            content = await answer.read()
            return answer.status == 200

    await eventually(is_signed)
    return content


async def test_a_deposit_that_is_waited_for_answers_with_the_balance_after(
    http: aiohttp.ClientSession,
) -> None:
    status, body, answer = await post(
        http, "/deposit", {"user_id": "e2e-1", "amount": 100.50}, Prefer="wait=20"
    )
    assert status == 201
    assert body["status"] == "posted"
    assert body["entries"] == [
        {
            "user_id": "e2e-1",
            "currency": "USD",
            "amount": "100.50",
            "sequence": 1,
            "balance_after": "100.50",
        }
    ]
    assert answer.headers["Preference-Applied"] == "wait=20"
    status, again, _ = await get(http, answer.headers["Location"])
    assert (status, again) == (200, body)


async def test_the_four_original_calls(http: aiohttp.ClientSession, run: Run) -> None:
    status, receipt, _ = await post(http, "/deposit", {"user_id": "e2e-2", "amount": 100.50})
    assert (status, receipt["status"]) == (202, "pending")
    status, receipt, answer = await post(http, "/withdraw", {"user_id": "e2e-2", "amount": "40.25"})
    assert status == 202
    position = receipt["position"]
    assert answer.headers["Location"] == (
        f"/transactions/{receipt['transaction_id']}?position={position}"
    )
    status, balance, _ = await get(http, f"/balance/e2e-2?position={position}")
    assert status == 200
    assert balance | {"as_of": ""} == {
        "user_id": "e2e-2",
        "currency": "USD",
        "balance": "60.25",
        "held": "0.00",
        "available": "60.25",
        "sequence": 2,
        "as_of": "",
    }
    status, statement, _ = await get(http, f"/statement/e2e-2?position={position}&order=asc")
    assert status == 200
    assert [one["amount"] for one in statement["entries"]] == ["100.50", "-40.25"]
    assert [one["balance_after"] for one in statement["entries"]] == ["100.50", "60.25"]
    assert (statement["opening_balance"], statement["closing_balance"]) == ("0.00", "60.25")
    await audit(run.dsn)
    content = await receipt_of(http, receipt["transaction_id"])
    public_key = (run.data / "signing-key.pem.pub").read_text()
    told = bootstrap.verify_receipt(content, [public_key])
    assert "posted transaction" in told[0]
    assert "Entry 2 of e2e-2: -40.25 USD, and after it a balance of 60.25 USD." in told


async def test_a_withdrawal_that_is_refused_is_kept_with_its_reason(
    http: aiohttp.ClientSession,
) -> None:
    status, body, _ = await post(
        http, "/withdraw", {"user_id": "e2e-3", "amount": 1}, Prefer="wait=20"
    )
    assert (status, body["code"]) == (422, "account_not_found")
    assert (await get(http, "/balance/e2e-3"))[0] == 404
    await post(http, "/deposit", {"user_id": "e2e-3", "amount": 1}, Prefer="wait=20")
    status, body, _ = await post(
        http, "/withdraw", {"user_id": "e2e-3", "amount": 2}, Prefer="wait=20"
    )
    assert (status, body["code"]) == (422, "insufficient_funds")
    assert (body["needed"], body["available"], body["currency"]) == ("2.00", "1.00", "USD")
    kept = body["transaction"]
    status, found, _ = await get(http, f"/transactions/{kept['transaction_id']}")
    assert (status, found) == (200, kept)


async def test_a_key_makes_a_hundred_retries_one_transaction(http: aiohttp.ClientSession) -> None:
    body = {"user_id": "e2e-4", "amount": "2.50"}
    answers = await asyncio.gather(
        *(post(http, "/deposit", body, Idempotency_Key="e2e-4") for _ in range(100))
    )
    assert {status for status, _, _ in answers} == {202}
    assert len({one["transaction_id"] for _, one, _ in answers}) == 1
    status, first, answer = await post(
        http, "/deposit", body, Idempotency_Key='"e2e-4"', Prefer="wait=20"
    )
    assert (status, answer.headers["Idempotency-Replayed"]) == (201, "true")
    assert first["entries"][0]["balance_after"] == "2.50"
    status, conflict, _ = await post(
        http, "/deposit", body | {"amount": 3}, Idempotency_Key="e2e-4"
    )
    assert (status, conflict["code"]) == (422, "idempotency_conflict")
    assert conflict["transaction_id"] == first["transaction_id"]


async def test_an_accepted_id_is_never_unknown_and_an_unknown_one_is(
    http: aiohttp.ClientSession,
) -> None:
    async def accepted(number: int) -> int:
        _, receipt, _ = await post(http, "/deposit", {"user_id": f"e2e-5-{number}", "amount": 1})
        return (await get(http, f"/transactions/{receipt['transaction_id']}"))[0]

    assert set(await asyncio.gather(*(accepted(number) for number in range(50)))) == {200}
    unknown = "01900000-0000-7abc-8000-000000000000"
    assert (await get(http, f"/transactions/{unknown}"))[0] == 404


async def test_currencies_are_accounts_apart(http: aiohttp.ClientSession) -> None:
    for currency, amount in (("JPY", 500), ("KWD", "1.234"), ("USD", 1)):
        body = {"user_id": "e2e-6", "amount": amount, "currency": currency}
        assert (await post(http, "/deposit", body, Prefer="wait=20"))[0] == 201
    for currency, balance in (("JPY", "500"), ("KWD", "1.234"), ("USD", "1.00")):
        _, body, _ = await get(http, f"/balance/e2e-6?currency={currency}")
        assert body["balance"] == balance


async def test_users_of_every_partition_are_served_and_the_books_balance(
    http: aiohttp.ClientSession, run: Run
) -> None:
    async def one(number: int) -> str:
        body = {"user_id": f"e2e-7-{number}", "amount": 1}
        status, posted, _ = await post(http, "/deposit", body, Prefer="wait=20")
        assert status == 201
        return str(posted["position"]).partition(":")[0]

    partitions = await asyncio.gather(*(one(number) for number in range(100)))
    assert set(partitions) == {str(number) for number in range(8)}
    await audit(run.dsn)

    async def is_checked() -> bool:
        _, integrity, _ = await get(http, "/integrity")
        return bool(integrity["status"] == "ok")

    await eventually(is_checked)
