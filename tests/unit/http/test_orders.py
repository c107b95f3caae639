"""Transfers, holds, reversals, accounts and batches over HTTP."""

import json
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from adapters.inbound.http import batch_body
from core.entities.account import AccountStatus
from core.entities.command import Command
from core.entities.cursor import write_cursor
from core.entities.money import Money
from core.entities.orders import (
    CaptureHold,
    ChangeAccount,
    PlaceHold,
    Reverse,
    Transfer,
    TransferLeg,
)
from tests.unit.http.world import JSON, Answer, Api, World

WAIT = {"Prefer": "wait=5"}


async def post(api: Api, path: str, body: object = None, **headers: str) -> Answer:
    """A JSON body, or none; waits for the outcome."""
    how: dict[str, Any] = {"headers": WAIT | headers}
    if body is not None:
        how = {"data": json.dumps(body), "headers": JSON | WAIT | headers}
    return await api.call("POST", path, **how)


async def patch(api: Api, path: str, body: object) -> Answer:
    return await api.call("PATCH", path, data=json.dumps(body), headers=JSON | WAIT)


async def placed(api: Api, **fields: object) -> str:
    """A hold of 30.00 on alice's 100.00; its id."""
    await post(api, "/deposit", {"user_id": "alice", "amount": 100})
    answer = await post(api, "/hold", {"user_id": "alice", "amount": 30} | fields)
    assert answer.status == 201, answer.text
    return str(answer.body["transaction_id"])


def last(world: World) -> Command:
    return world.commands[-1]


async def test_a_transfer_of_one_leg_and_of_several(api: Api, world: World) -> None:
    await post(api, "/deposit", {"user_id": "a", "amount": 5})
    one = {"from_user_id": "a", "to_user_id": "b", "amount": "2"}
    assert (await post(api, "/transfer", one)).body["amount"] == "2.00"
    answer = await post(api, "/transfer", {"legs": [one, one | {"amount": 1}], "reference": "r"})
    assert answer.status == 201
    assert "amount" not in answer.body
    assert [leg["amount"] for leg in answer.body["legs"]] == ["2.00", "1.00"]
    assert len(answer.body["entries"]) == 4
    usd = [Money(amount, "USD", 2) for amount in (200, 100)]
    orders = [one.order for one in world.commands if isinstance(one.order, Transfer)]
    assert orders[1] == Transfer(tuple(TransferLeg("a", "b", one) for one in usd))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from_user_id": "a", "to_user_id": "a", "amount": 1}, "to_user_id"),
        ({"from_user_id": "a", "amount": 1}, "to_user_id"),
        ({"legs": []}, "legs"),
        ({"legs": {}}, "legs"),
        ({"legs": [1]}, "legs"),
        ({"legs": [{}]}, "legs[0].from_user_id"),
        ({"legs": [{"from_user_id": "a", "to_user_id": "b", "amount": 1, "x": 1}]}, "legs[0].x"),
        ({"legs": [{"from_user_id": "a", "to_user_id": "b", "amount": 0}]}, "legs[0].amount"),
        ({"legs": [{"from_user_id": "a", "to_user_id": "b", "amount": 1}] * 101}, "legs"),
        ({"legs": [], "from_user_id": "a"}, "from_user_id"),
        ({"legs": [], "metadata": {"a": 1}}, "metadata"),
    ],
)
async def test_a_transfer_that_cannot_be_names_the_field(
    api: Api, world: World, body: object, field: str
) -> None:
    answer = await post(api, "/transfer", body)
    assert (answer.status, answer.body["code"], answer.body.get("field")) == (
        422, "invalid_field", field,
    )  # fmt: skip
    assert world.commands == []


async def test_metadata_is_kept_and_given_back(api: Api, world: World) -> None:
    body = {"user_id": "a", "amount": 1, "metadata": {"order": "17", "Größe": "XL"}}
    answer = await post(api, "/deposit", body)
    assert answer.body["metadata"] == {"order": "17", "Größe": "XL"}
    assert last(world).metadata == {"order": "17", "Größe": "XL"}
    await post(api, "/deposit", body | {"metadata": {}})
    assert last(world).metadata is None


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        "x",
        {"a": 1},
        {"a": None},
        {"": "x"},
        {"a" * 65: "x"},
        {"a": "x" * 513},
        {"a": "\0"},
        {"a\n": "x"},
        {str(number): "x" for number in range(21)},
    ],
)
async def test_metadata_is_bounded(api: Api, metadata: object) -> None:
    answer = await post(api, "/deposit", {"user_id": "a", "amount": 1, "metadata": metadata})
    assert (answer.status, answer.body["field"]) == (422, "metadata")


async def test_a_hold_is_placed_read_captured_and_closed(api: Api, world: World) -> None:
    hold_id = await placed(api, to_user_id="shop", expires_in=600)
    order = world.commands[1].order
    assert order == PlaceHold("alice", Money(3_000, "USD", 2), "shop", 600)
    read = await api.get(f"/hold/{hold_id}")
    assert read.body == {
        "hold_id": hold_id,
        "status": "open",
        "user_id": "alice",
        "to_user_id": "shop",
        "currency": "USD",
        "amount": "30.00",
        "captured": "0.00",
        "remaining": "30.00",
        "placed_at": "2026-01-31T12:00:00.000000Z",
        "expires_at": "2026-01-31T12:10:00.000000Z",
    }
    balance = (await api.get("/balance/alice")).body
    assert (balance["balance"], balance["held"], balance["available"]) == (
        "100.00", "30.00", "70.00",
    )  # fmt: skip
    part = await post(api, f"/hold/{hold_id}/capture", {"amount": "10", "final": False})
    assert (part.body["amount"], part.body["final"]) == ("10.00", False)
    too_much = await post(api, f"/hold/{hold_id}/capture", {"amount": "20.01"})
    assert (too_much.body["code"], too_much.body["remaining"]) == ("hold_exceeded", "20.00")
    assert (await post(api, f"/hold/{hold_id}/capture")).body["amount"] == "20.00"
    closed = await post(api, f"/hold/{hold_id}/void")
    assert (closed.status, closed.body["code"], closed.body["hold_status"]) == (
        422, "hold_closed", "captured",
    )  # fmt: skip
    assert (await api.get("/balance/shop")).body["balance"] == "30.00"


async def test_holds_are_listed_by_status_page_by_page(api: Api) -> None:
    ids = [await placed(api) for _ in range(3)]
    await post(api, f"/hold/{ids[0]}/void")
    first = (await api.get("/holds/alice?limit=2")).body
    second = (await api.get(f"/holds/alice?limit=2&cursor={first['next_cursor']}")).body
    found = [one["hold_id"] for one in first["holds"] + second["holds"]]
    assert sorted(found) == sorted(ids)
    assert second["next_cursor"] is None
    voided = (await api.get("/holds/alice?status=voided")).body
    assert [one["hold_id"] for one in voided["holds"]] == [ids[0]]
    assert (await api.get("/holds/nobody")).body["holds"] == []


async def test_a_hold_that_is_not_posted_yet_is_pending(api: Api, world: World) -> None:
    world.posts = False
    answer = await api.post("/hold", '{"user_id":"alice","amount":30}')
    hold_id, position = answer.body["transaction_id"], answer.body["position"]
    read = await api.get(f"/hold/{hold_id}?position={position}")
    assert read.body == {"hold_id": hold_id, "status": "pending", "position": position}


async def test_a_refused_hold_and_an_unknown_one_are_not_found(api: Api) -> None:
    refused = await post(api, "/hold", {"user_id": "alice", "amount": 1})
    other = (await post(api, "/deposit", {"user_id": "alice", "amount": 1})).body
    for hold_id in (refused.body["transaction"]["transaction_id"], other["transaction_id"], "x"):
        answer = await api.get(f"/hold/{hold_id}")
        assert (answer.status, answer.body["code"]) == (404, "hold_not_found")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"expires_in": 0}, "expires_in"),
        ({"expires_in": 1.5}, "expires_in"),
        ({"expires_in": -1}, "expires_in"),
        ({"expires_in": 10**9}, "expires_in"),
        ({"expires_in": 1, "expires_at": "2027-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": 5}, "expires_at"),
        ({"to_user_id": "alice"}, "to_user_id"),
        ({"to_user_id": "@settlement:1"}, "to_user_id"),
        ({"hold_id": "x"}, "hold_id"),
    ],
)
async def test_a_hold_that_cannot_be_names_the_field(
    api: Api, fields: dict[str, object], field: str
) -> None:
    answer = await post(api, "/hold", {"user_id": "alice", "amount": 1} | fields)
    assert (answer.status, answer.body["field"]) == (422, field)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/hold/x/capture", "hold_not_found"),
        ("/hold/00000000-0000-4000-8000-000000000000/void", "hold_not_found"),
        ("/transactions/x/reverse", "transaction_not_found"),
    ],
)
async def test_an_id_that_cannot_be_ours_is_refused_at_once(
    api: Api, world: World, path: str, code: str
) -> None:
    answer = await post(api, path)
    assert (answer.status, answer.body["code"]) == (404, code)
    assert world.commands == []


async def test_the_id_is_in_the_path_and_nowhere_else(api: Api) -> None:
    hold_id = await placed(api)
    answer = await post(api, f"/hold/{hold_id}/capture", {"hold_id": hold_id})
    assert (answer.status, answer.body["field"]) == (422, "hold_id")


@pytest.mark.parametrize("amount", [0, -1, "1e99", "abc", True, [1]])
async def test_an_amount_is_checked_before_its_currency_is_known(api: Api, amount: object) -> None:
    hold_id = await placed(api)
    answer = await post(api, f"/hold/{hold_id}/capture", {"amount": amount})
    assert (answer.status, answer.body["field"]) == (422, "amount")


async def test_an_amount_is_kept_exactly_until_its_currency_is_known(
    api: Api, world: World
) -> None:
    hold_id = await placed(api)
    await post(api, f"/hold/{hold_id}/capture", {"amount": 1.50})
    order = last(world).order
    assert isinstance(order, CaptureHold)
    assert str(order.amount) == "1.5"
    answer = await post(api, f"/hold/{await placed(api)}/capture", {"amount": "1.005"})
    assert (answer.status, answer.body["code"], answer.body["currency"]) == (
        422, "invalid_amount", "USD",
    )  # fmt: skip


async def test_a_reversal_names_what_it_reverses(api: Api, world: World) -> None:
    first = (await post(api, "/deposit", {"user_id": "alice", "amount": 100})).body
    path = f"/transactions/{first['transaction_id']}/reverse"
    part = await post(api, path, {"amount": 40, "reference": "refund"})
    assert (part.status, part.body["reverses"], part.body["amount"]) == (
        201, first["transaction_id"], "40.00",
    )  # fmt: skip
    assert isinstance(last(world).order, Reverse)
    assert (await post(api, path)).body["amount"] == "60.00"
    answer = await post(api, path)
    assert (answer.body["code"], answer.body["remaining"]) == ("reversal_exceeded", "0.00")
    assert "needed" not in answer.body


async def test_an_account_is_changed_read_and_listed(api: Api, world: World) -> None:
    change = {"overdraft_limit": 50, "status": "frozen_credits", "metadata": {"tier": "gold"}}
    answer = await patch(api, "/accounts/alice", change)
    assert (answer.status, answer.body["account"]) == (
        201, change | {"overdraft_limit": "50.00"},
    )  # fmt: skip
    assert last(world).order == ChangeAccount(
        "alice", "USD", 5_000, AccountStatus.FROZEN_CREDITS, {"tier": "gold"}
    )
    account = (await api.get("/accounts/alice")).body
    assert account == {
        "user_id": "alice",
        "currency": "USD",
        "status": "frozen_credits",
        "balance": "0.00",
        "held": "0.00",
        "overdraft_limit": "50.00",
        "available": "50.00",
        "sequence": 0,
        "metadata": {"tier": "gold"},
        "opened_at": "2026-01-31T12:00:00.000000Z",
        "last_entry_at": None,
    }
    assert (await api.get("/balance/alice")).body["balance"] == "0.00"
    assert (await api.get("/accounts?status=frozen_credits&currency=USD")).body == {
        "accounts": [account],
        "next_cursor": None,
    }
    refused = await post(api, "/deposit", {"user_id": "alice", "amount": 1})
    assert (refused.body["code"], refused.body["account_status"]) == (
        "account_frozen", "frozen_credits",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "gone"}, "status"),
        ({"overdraft_limit": -1}, "overdraft_limit"),
        ({"overdraft_limit": 0.001}, "overdraft_limit"),
        ({"currency": "usd"}, "currency"),
        ({"user_id": "alice"}, "user_id"),
        ({"balance": 5}, "balance"),
    ],
)
async def test_a_change_that_cannot_be_names_the_field(api: Api, body: object, field: str) -> None:
    answer = await patch(api, "/accounts/alice", body)
    assert (answer.status, answer.body["field"]) == (422, field)


async def test_accounts_are_listed_page_by_page(api: Api) -> None:
    users = [f"user-{number}" for number in range(5)]
    for user_id in users:
        await post(api, "/deposit", {"user_id": user_id, "amount": 1})
    found: list[str] = []
    cursor = ""
    while True:
        page = (await api.get(f"/accounts?limit=2{cursor}")).body
        found += [one["user_id"] for one in page["accounts"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(found) == users


@pytest.mark.parametrize(
    "path",
    [
        "/accounts?cursor=x",
        "/accounts?cursor=YWJj",
        "/accounts?limit=0",
        "/accounts?limit=1001",
        "/accounts?status=gone",
        "/accounts?currency=x",
        "/holds/alice?cursor=x",
        "/holds/alice?status=gone",
        "/holds/alice?limit=x",
        "/holds/@settlement:1",
        "/transactions?idempotency_key=%20",
        "/transactions?idempotency_key=a%20b",
        "/transactions?idempotency_key=a%201000",
    ],
)
async def test_a_query_that_cannot_be_is_refused(api: Api, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status, answer.body["code"]) == (422, "invalid_field")


async def test_a_cursor_goes_with_its_query(api: Api) -> None:
    for user_id in "abc":
        await post(api, "/deposit", {"user_id": user_id, "amount": 1})
    cursor = (await api.get("/accounts?limit=1")).body["next_cursor"]
    answer = await api.get(f"/accounts?limit=1&currency=USD&cursor={cursor}")
    assert (answer.status, answer.body["field"]) == (422, "cursor")


async def test_a_transaction_is_found_by_its_key(api: Api) -> None:
    made = await post(api, "/deposit", {"user_id": "a", "amount": 1}, **{"Idempotency-Key": '"k"'})
    found = (await api.get("/transactions?idempotency_key=k")).body
    assert found == {"transactions": [made.body], "next_cursor": None}
    assert (await api.get('/transactions?idempotency_key="k"')).body == found
    assert (await api.get("/transactions?idempotency_key=other")).body["transactions"] == []


DEPOSIT = {"type": "deposit", "user_id": "a", "amount": 5}


async def test_a_batch_answers_for_each_item_in_order(api: Api) -> None:
    items = [
        DEPOSIT,
        {"type": "transfer", "from_user_id": "a", "to_user_id": "b", "amount": 9},
        {"type": "deposit", "user_id": "a"},
        {"type": "expire", "hold_id": "x"},
        {"type": "discard", "dead_letter_id": "x", "position": "0:0", "reason": "a"},
        7,
        {"type": "account", "user_id": "a", "overdraft_limit": 4},
        {"type": "transfer", "from_user_id": "a", "to_user_id": "b", "amount": 9},
    ]
    answer = await post(api, "/batch", items)
    assert answer.status == 200
    results = answer.body["results"]
    assert [one["http_status"] for one in results] == [201, 422, 422, 422, 422, 422, 201, 201]
    assert results[1]["body"]["code"] == "insufficient_funds"
    assert [one["body"].get("field") for one in results[2:6]] == ["amount", "type", "type", "body"]
    assert results[7]["body"]["entries"][0]["balance_after"] == "-4.00"


async def test_a_batch_without_waiting_gets_receipts(api: Api, world: World) -> None:
    world.posts = False
    answer = await api.post("/batch", json.dumps([DEPOSIT, DEPOSIT]))
    assert answer.status == 202
    assert [one["body"]["status"] for one in answer.body["results"]] == ["pending"] * 2
    assert {one["http_status"] for one in answer.body["results"]} == {202}


async def test_a_batch_of_lines_goes_on_after_a_broken_one(api: Api) -> None:
    lines = [json.dumps(DEPOSIT), "{", "", '{"type":"deposit","type":"x"}', json.dumps(DEPOSIT)]
    answer = await api.call(
        "POST", "/batch", data="\n".join(lines), headers={"Content-Type": "application/x-ndjson"}
    )
    assert [one["http_status"] for one in answer.body["results"]] == [202, 400, 422, 202]


async def test_keys_of_a_batch_and_of_its_items(api: Api, world: World) -> None:
    items = [DEPOSIT, DEPOSIT, DEPOSIT | {"idempotency_key": "own"}]
    key = {"Idempotency-Key": "batch"}
    first = (await post(api, "/batch", items, **key)).body["results"]
    again = (await post(api, "/batch", items, **key)).body["results"]
    assert [one["body"] for one in again] == [one["body"] for one in first]
    assert [one.get("idempotency_replayed", False) for one in first + again] == (
        [False] * 3 + [True] * 3
    )
    assert [one.idempotency_key for one in world.commands] == ["batch 0", "batch 1", "own"]
    found = (await api.get("/transactions?idempotency_key=batch%201")).body["transactions"]
    assert found == [first[1]["body"]]
    other = (await post(api, "/batch", [DEPOSIT | {"amount": 6}], **key)).body["results"]
    assert other[0]["body"]["code"] == "idempotency_conflict"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("[]", 422, "invalid_field"),
        ("{}", 422, "invalid_field"),
        ("[", 400, "malformed_body"),
        ("", 400, "malformed_body"),
        ("[" + ",".join(["{}"] * 1_001) + "]", 422, "invalid_field"),
    ],
    ids=["empty", "object", "broken", "nothing", "too many"],
)
async def test_what_is_no_batch_is_refused_as_a_whole(
    api: Api, world: World, body: str, status: int, code: str
) -> None:
    answer = await api.post("/batch", body)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert world.commands == []


async def test_a_batch_of_a_thousand_is_taken(api: Api, world: World) -> None:
    answer = await api.post("/batch", json.dumps([DEPOSIT] * 1_000))
    assert answer.status == 202
    assert len(world.commands) == 1_000


async def test_a_batch_that_is_too_large_is_not_read(api: Api) -> None:
    body = BytesIO(b'["' + b"x" * 1024 * 1024 + b'"]')
    answer = await api.call("POST", "/batch", data=body, headers=JSON)
    assert (answer.status, answer.body["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"x\n" * 524_000, "application/x-ndjson"),
        (b"[" + b"[]," * 349_000 + b"{}]", "application/json"),
        (b"[" * 1_000_000, "application/json"),
    ],
    ids=["lines", "arrays", "brackets"],
)
async def test_half_a_million_wrong_items_are_counted_and_not_looked_at(
    api: Api, monkeypatch: pytest.MonkeyPatch, body: bytes, content_type: str
) -> None:
    monkeypatch.setattr(batch_body, "_item", None)
    headers = {"Content-Type": content_type}
    answer = await api.call("POST", "/batch", data=BytesIO(body), headers=headers)
    assert answer.status in {400, 422}
    assert answer.body["code"] in {"malformed_body", "invalid_field"}


async def test_lines_may_say_their_charset(api: Api) -> None:
    headers = {"Content-Type": "application/x-ndjson; charset=utf-8"}
    answer = await api.call("POST", "/batch", data=json.dumps(DEPOSIT), headers=headers)
    assert [one["http_status"] for one in answer.body["results"]] == [202]


async def test_an_items_empty_key_is_no_key_and_not_the_batchs(api: Api, world: World) -> None:
    items = [DEPOSIT | {"idempotency_key": ""}, DEPOSIT]
    answer = await post(api, "/batch", items, **{"Idempotency-Key": "K"})
    assert [one["http_status"] for one in answer.body["results"]] == [422, 201]
    assert answer.body["results"][0]["body"]["field"] == "idempotency_key"


async def test_null_legs_are_as_good_as_none(api: Api) -> None:
    await post(api, "/deposit", {"user_id": "a", "amount": 5})
    body = {"from_user_id": "a", "to_user_id": "b", "amount": "2", "legs": None}
    assert (await post(api, "/transfer", body)).status == 201


async def test_a_hold_is_read_at_a_position(api: Api, world: World) -> None:
    hold_id = await placed(api)
    world.posts = False
    capture = await api.post(f"/hold/{hold_id}/capture", '{"amount": 1, "final": false}')
    path = f"/hold/{hold_id}?position={capture.body['position']}"
    assert (await api.get(path)).body["code"] == "not_yet_posted"
    holds = await api.get(f"/holds/alice?position={capture.body['position']}")
    assert holds.body["code"] == "not_yet_posted"
    world.posts = True
    assert (await api.get(path)).body["captured"] == "1.00"
    assert (await api.get(f"/hold/{hold_id}?position=nonsense")).status == 422


async def test_a_holds_cursor_goes_with_its_status(api: Api) -> None:
    for _ in range(2):
        await placed(api)
    cursor = (await api.get("/holds/alice?limit=1")).body["next_cursor"]
    answer = await api.get(f"/holds/alice?limit=1&status=open&cursor={cursor}")
    assert (answer.status, answer.body["field"]) == (422, "cursor")


@pytest.mark.parametrize(
    ("path", "query", "place"),
    [
        ("/accounts", ("accounts", "", ""), ("99999999", "alice", "USD")),
        ("/accounts", ("accounts", "", ""), ("-1", "alice", "USD")),
        ("/accounts", ("accounts", "", ""), ("701", "\0", "USD")),
        ("/accounts", ("accounts", "", ""), ("701", "alice", "\0")),
        ("/holds/alice", ("holds", "alice", ""), ("0001-01-01T00:00:00+14:00", str(UUID(int=1)))),
        ("/holds/alice", ("holds", "alice", ""), ("9999-12-31T23:59:59-14:00", str(UUID(int=1)))),
        ("/holds/alice", ("holds", "alice", ""), ("2026-01-01T00:00:00+00:00", "x")),
    ],
)
async def test_a_cursor_that_somebody_made_up_is_refused(
    api: Api, path: str, query: tuple[str, ...], place: tuple[str, ...]
) -> None:
    answer = await api.get(f"{path}?cursor={write_cursor(query, place)}")
    assert (answer.status, answer.body["field"]) == (422, "cursor")
