"""Managing webhook endpoints over HTTP."""

import base64
import json
from typing import Any

import pytest

from core.entities.webhooks.delivery import DeliveryState
from core.errors import LedgerUnavailableError
from tests.builders import NOON
from tests.unit.http.world import MAX_ENDPOINTS, Answer, Api, World

URL = "https://example.com/hook"
UNKNOWN = "01a20697-bf10-7a66-98df-82d7a32740d9"


async def added(api: Api, **body: Any) -> Any:
    answer = await post(api, "/webhooks", {"url": URL} | body)
    assert answer.status == 201, answer.body
    return answer.body


async def post(api: Api, path: str, body: object) -> Answer:
    return await api.post(path, json.dumps(body))


async def patch(api: Api, path: str, body: object) -> Answer:
    return await api.call("PATCH", path, json=body)


async def test_an_endpoint_is_added_and_its_secret_told_this_once(api: Api, world: World) -> None:
    body = await added(api, description="books", event_types=["counterfoil.transaction.posted"])

    secret = body.pop("secret")
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    where = f"/webhooks/{body['endpoint_id']}"
    assert (await api.get(where)).body == body
    assert (await api.get("/webhooks")).body == {"webhooks": [body]}
    assert [one.secret for one in next(iter(world.webhooks.secrets.values()))] == [secret]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("url", url) for url in ("http://example.com/", "https://10.0.0.1/", "x", 1, None)),
        *(("event_types", types) for types in (["no.such"], "posted", [1])),
        *(("description", text) for text in ("x" * 257, "a\u0000b", "a\nb")),
        ("more", 1),
    ],
)
async def test_what_is_wrong_is_named(api: Api, world: World, field: str, value: object) -> None:
    answer = await post(api, "/webhooks", {"url": URL, field: value})

    assert (answer.status, answer.body["field"]) == (422, field)
    assert world.webhooks.endpoints == {}


async def test_there_are_no_more_than_may_be(api: Api) -> None:
    for _ in range(MAX_ENDPOINTS):
        await added(api)

    answer = await post(api, "/webhooks", {"url": URL})

    assert (answer.status, answer.body["code"]) == (422, "too_many_webhooks")


async def test_an_endpoint_is_changed_disabled_and_enabled(api: Api) -> None:
    body = await added(api, description="books")
    where = f"/webhooks/{body['endpoint_id']}"

    off = await patch(api, where, {"status": "disabled", "url": f"{URL}/2"})
    on = await patch(api, where, {"status": "enabled", "event_types": None})

    assert (off.body["status"], off.body["disabled_because"]) == ("disabled", "by_operator")
    assert (on.body["status"], on.body["disabled_because"]) == ("enabled", None)
    assert (on.body["url"], on.body["description"]) == (f"{URL}/2", "books")


@pytest.mark.parametrize(
    ("field", "value"), [("url", "http://example.com"), ("status", "gone"), ("secret", "mine")]
)
async def test_a_change_is_checked(api: Api, field: str, value: str) -> None:
    body = await added(api)

    answer = await patch(api, f"/webhooks/{body['endpoint_id']}", {field: value})

    assert (answer.status, answer.body["field"]) == (422, field)


async def test_a_removed_endpoint_is_not_found_anywhere(api: Api) -> None:
    endpoint_id = (await added(api))["endpoint_id"]
    where = f"/webhooks/{endpoint_id}"
    transaction_id = (await api.deposit(Prefer="wait=5")).body["transaction_id"]

    removed = await api.call("DELETE", where)

    assert (removed.status, removed.body["endpoint_id"]) == (200, endpoint_id)
    for answer in (
        await api.get(where),
        await api.call("DELETE", where),
        await patch(api, where, {}),
        await api.call("POST", f"{where}/rotate"),
        await api.call("POST", f"{where}/test"),
        await post(api, f"{where}/replay", {"from": transaction_id}),
        await api.get(f"{where}/deliveries"),
        await api.get(f"{where}/deliveries/{UNKNOWN}"),
        await api.get("/webhooks/nonsense"),
    ):
        assert (answer.status, answer.body["code"]) == (404, "webhook_not_found")


async def test_a_secret_is_rotated_with_an_overlap(api: Api, world: World) -> None:
    body = await added(api)
    where = f"/webhooks/{body['endpoint_id']}/rotate"

    by_default = await api.call("POST", where)
    chosen = await post(api, where, {"overlap_seconds": 0})

    assert by_default.body["old_secret_expires_at"] == "2026-02-01T12:00:00.000000Z"
    assert chosen.body["old_secret_expires_at"] == "2026-01-31T12:00:00.000000Z"
    assert len({body["secret"], by_default.body["secret"], chosen.body["secret"]}) == 3
    newest = next(iter(world.webhooks.secrets.values()))[0]
    assert (newest.secret, newest.expires_at) == (chosen.body["secret"], None)


@pytest.mark.parametrize("seconds", [-1, "x", 604_801, 1.5, True])
async def test_an_overlap_is_whole_seconds_up_to_a_week(api: Api, seconds: object) -> None:
    where = f"/webhooks/{(await added(api))['endpoint_id']}/rotate"

    answer = await post(api, where, {"overlap_seconds": seconds})

    assert (answer.status, answer.body["field"]) == (422, "overlap_seconds")


async def test_a_test_call_is_a_delivery_whose_attempts_can_be_seen(api: Api, world: World) -> None:
    endpoint_id = (await added(api))["endpoint_id"]
    called = await api.call("POST", f"/webhooks/{endpoint_id}/test")
    await world.answer_webhooks(500)

    where = f"/webhooks/{endpoint_id}/deliveries/{called.body['event_id']}"
    delivery = (await api.get(where)).body

    assert called.status == 202
    assert (delivery["type"], delivery["state"]) == ("counterfoil.webhook.test", "waiting")
    (attempt,) = delivery["attempts_made"]
    assert (attempt["status"], attempt["error"], attempt["answer"]) == (500, None, "no")


async def test_a_disabled_endpoint_is_not_tried(api: Api) -> None:
    where = f"/webhooks/{(await added(api))['endpoint_id']}"
    await patch(api, where, {"status": "disabled"})

    answer = await api.call("POST", f"{where}/test")

    assert (answer.status, answer.body["code"]) == (422, "webhook_disabled")


async def test_a_replay_begins_when_its_event_was_accepted(api: Api, world: World) -> None:
    where = f"/webhooks/{(await added(api))['endpoint_id']}"
    transaction_id = (await api.deposit(Prefer="wait=5")).body["transaction_id"]
    world.clock.advance(60)

    answer = await post(api, f"{where}/replay", {"from": transaction_id})
    unknown = await post(api, f"{where}/replay", {"from": UNKNOWN})

    assert (answer.status, answer.body["since"]) == (202, "2026-01-31T12:00:00.000000Z")
    assert (unknown.status, unknown.body["code"]) == (404, "transaction_not_found")
    (replay,) = world.webhooks.replays.values()
    assert replay.since == NOON


async def test_a_replay_for_an_endpoint_that_is_gone_is_refused_until_it_is_enabled(
    api: Api, world: World
) -> None:
    where = f"/webhooks/{(await added(api))['endpoint_id']}"
    transaction_id = (await api.deposit(Prefer="wait=5")).body["transaction_id"]
    await api.call("POST", f"{where}/test")
    await world.answer_webhooks(410)

    gone = await post(api, f"{where}/replay", {"from": transaction_id})
    await patch(api, where, {"status": "enabled"})
    enabled = await post(api, f"{where}/replay", {"from": transaction_id})

    assert (gone.status, gone.body["code"]) == (422, "webhook_disabled")
    assert enabled.status == 202


async def test_deliveries_are_listed_by_state_in_pages(api: Api, world: World) -> None:
    endpoint_id = (await added(api))["endpoint_id"]
    for _ in range(3):
        await api.call("POST", f"/webhooks/{endpoint_id}/test")
    await world.answer_webhooks(200)
    await api.call("POST", f"/webhooks/{endpoint_id}/test")
    where = f"/webhooks/{endpoint_id}/deliveries"

    first = (await api.get(f"{where}?limit=3")).body
    second = (await api.get(f"{where}?limit=3&cursor={first['next_cursor']}")).body
    done = (await api.get(f"{where}?state=delivered")).body

    states = [one["state"] for one in first["deliveries"] + second["deliveries"]]
    assert states == [DeliveryState.WAITING, *[DeliveryState.DELIVERED] * 3]
    assert second["next_cursor"] is None
    assert [one["state"] for one in done["deliveries"]] == [DeliveryState.DELIVERED] * 3
    wrong = await api.get(f"{where}?state=delivered&limit=3&cursor={first['next_cursor']}")
    assert (wrong.status, wrong.body["field"]) == (422, "cursor")


async def test_what_an_endpoint_was_not_told_is_not_found(api: Api, world: World) -> None:
    endpoint_id = (await added(api))["endpoint_id"]

    for event_id in (UNKNOWN, "nonsense"):
        answer = await api.get(f"/webhooks/{endpoint_id}/deliveries/{event_id}")
        assert (answer.status, answer.body["code"]) == (404, "delivery_not_found")


async def test_while_the_ledger_is_away_nothing_is_managed(api: Api, world: World) -> None:
    world.webhook_endpoints.error = LedgerUnavailableError("away")

    for answer in (await api.get("/webhooks"), await post(api, "/webhooks", {"url": URL})):
        assert (answer.status, answer.body["code"]) == (503, "ledger_unavailable")
