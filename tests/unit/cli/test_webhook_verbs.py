"""What an operator sees of webhooks, against the product in memory."""

from typing import Any

from core.entities.webhooks.endpoint import EndpointStatus
from tests.unit.cli.console import Console
from tests.unit.http.world import Api, World

URL = "https://example.com/hook"


async def added(counterfoil: Console) -> Any:
    ended = await counterfoil("webhook", "add", URL, "--description", "books", "--json")
    assert ended.code == 0, ended.err
    return ended.json


async def test_an_endpoint_from_its_beginning_to_its_end(
    counterfoil: Console, world: World
) -> None:
    body = await added(counterfoil)
    endpoint_id = body["endpoint_id"]
    assert body["secret"].startswith("whsec_")

    listed = await counterfoil("webhook", "list")
    shown = await counterfoil("webhook", "show", endpoint_id)
    for ended in (listed, shown):
        assert ended.code == 0
        assert URL in ended.out
        assert "books" in ended.out
        assert "whsec_" not in ended.out
    changed = await counterfoil("webhook", "change", endpoint_id, "--status", "disabled", "--json")
    assert changed.json["disabled_because"] == "by_operator"
    removed = await counterfoil("webhook", "remove", endpoint_id)
    assert removed.code == 0
    assert world.webhooks.endpoints == {}
    assert "no webhook endpoints" in (await counterfoil("webhook", "list")).err


async def test_types_and_address_go_out_as_they_were_given(
    counterfoil: Console, world: World
) -> None:
    body = await added(counterfoil)
    posted, other = "counterfoil.transaction.posted", "https://example.org/"

    await counterfoil(
        *("webhook", "change", body["endpoint_id"], "--type", posted, "--address", other)
    )

    (endpoint,) = world.webhooks.endpoints.values()
    assert (endpoint.url, endpoint.event_types) == (other, frozenset({posted}))
    assert (endpoint.description, endpoint.status) == ("books", EndpointStatus.ENABLED)


async def test_a_list_names_the_types_that_are_told(counterfoil: Console) -> None:
    await added(counterfoil)
    posted, rejected = "counterfoil.transaction.posted", "counterfoil.transaction.rejected"
    await counterfoil("webhook", "add", URL, "--type", posted, "--type", rejected)

    everything, some = (await counterfoil("webhook", "list")).out.splitlines()[3:5]

    assert everything.split()[-2:] == ["all", "books"]
    assert some.split()[-2:] == [f"{posted},", rejected]


async def test_a_change_of_nothing_is_not_asked_for(counterfoil: Console) -> None:
    body = await added(counterfoil)

    ended = await counterfoil("webhook", "change", body["endpoint_id"])

    assert ended.code == 2
    assert "nothing to change" in ended.err


async def test_a_secret_is_rotated(counterfoil: Console) -> None:
    body = await added(counterfoil)

    ended = await counterfoil(
        *("webhook", "rotate", body["endpoint_id"], "--overlap", "60", "--json")
    )

    assert ended.json["secret"] != body["secret"]
    assert ended.json["old_secret_expires_at"] == "2026-01-31T12:01:00.000000Z"


async def test_a_test_call_and_how_it_went(counterfoil: Console, world: World) -> None:
    endpoint_id = (await added(counterfoil))["endpoint_id"]
    called = await counterfoil("webhook", "test", endpoint_id, "--json")
    event_id = called.json["event_id"]
    assert f"counterfoil webhook deliveries {endpoint_id} --event {event_id}" in called.err
    await world.answer_webhooks(503)

    listed = await counterfoil("webhook", "deliveries", endpoint_id, "--state", "waiting")
    one = await counterfoil("webhook", "deliveries", endpoint_id, "--event", event_id)

    for ended in (listed, one):
        assert ended.code == 0
        assert event_id in ended.out
        assert "503" in ended.out
    none = await counterfoil("webhook", "deliveries", endpoint_id, "--state", "failed")
    assert "no deliveries" in none.err


async def test_of_many_deliveries_the_newest_are_shown_and_that_there_are_more(
    counterfoil: Console,
) -> None:
    endpoint_id = (await added(counterfoil))["endpoint_id"]
    for _ in range(3):
        await counterfoil("webhook", "test", endpoint_id)

    some = await counterfoil("webhook", "deliveries", endpoint_id, "--limit", "2", "--json")
    everything = await counterfoil("webhook", "deliveries", endpoint_id, "--all", "--json")

    assert (len(some.lines), len(everything.lines)) == (2, 3)
    assert "There are more" in some.err


async def test_a_replay_is_asked_for(counterfoil: Console, world: World) -> None:
    endpoint_id = (await added(counterfoil))["endpoint_id"]
    posted = await counterfoil("deposit", "alice", "1", "--json")

    ended = await counterfoil(
        *("webhook", "replay", endpoint_id, "--from", posted.json["transaction_id"], "--json")
    )

    assert ended.json["since"] == posted.json["accepted_at"]
    assert len(world.webhooks.replays) == 1


async def test_what_is_refused_is_a_sentence(counterfoil: Console, api: Api) -> None:
    bad = await counterfoil("webhook", "add", "http://10.0.0.1/")
    unknown = await counterfoil("webhook", "show", "01a20697-bf10-7a66-98df-82d7a32740d9")

    assert (bad.code, unknown.code) == (1, 1)
    assert "url must" in bad.err
    assert "webhook_not_found" in unknown.err


async def test_nobody_there_is_said_at_once_and_nothing_is_asked_twice() -> None:
    ended = await Console("http://127.0.0.1:9")("webhook", "add", URL)

    assert ended.code == 1
    assert "does not answer" in ended.err
