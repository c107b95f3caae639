"""Webhooks on the real stack: a receiver that was down gets everything, once, and can trust it."""

import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import pytest

from infra.local.ports import Ports
from infra.local.postgres import API
from tests.e2e.client import Client
from tests.eventually import eventually
from tests.running_stack import Run
from tests.unit.cli.process import started
from tests.unit.webhook_receivers import Receiver, receiving

pytestmark = pytest.mark.timeout(300)

BATCH_ITEMS: Final = 500
BATCHES: Final = 4
ALL_SECONDS: Final = 120.0


@pytest.fixture
def port(run: Run) -> int:
    """Of a receiver that is not there yet."""
    return Ports(run.data.with_name("receiver-port.json")).choose("receiver")["receiver"]


@asynccontextmanager
async def hooked(http: aiohttp.ClientSession, port: int) -> AsyncIterator[dict[str, Any]]:
    """An endpoint on that port, removed at the end."""
    client = Client(http)
    told = await client.post("/webhooks", {"url": f"http://127.0.0.1:{port}/hook"})
    assert told.status == 201, told
    yield told.body
    await client.delete(f"/webhooks/{told.body['endpoint_id']}")


def assert_once_each(receiver: Receiver, secret: str, ids: list[str]) -> None:
    """Everything came once, and the library of Standard Webhooks verifies every call."""
    assert Counter(receiver.ids) == Counter(ids)
    for call in receiver.received:
        body = call.verified_by(secret)
        assert body["type"] == "counterfoil.transaction.posted"
        assert body["data"]["transaction_id"] == call.message_id


async def test_a_receiver_that_was_down_for_a_whole_load_gets_everything_once(
    http: aiohttp.ClientSession, port: int
) -> None:
    async with hooked(http, port) as endpoint:
        await down_for_a_whole_load(Client(http), endpoint, port)


async def down_for_a_whole_load(client: Client, endpoint: dict[str, Any], port: int) -> None:
    ids: list[str] = []
    for _ in range(BATCHES):
        items = [
            {"type": "deposit", "user_id": f"hooked-{number % 50}", "amount": "1.00"}
            for number in range(BATCH_ITEMS)
        ]
        told = await client.post("/batch", items)
        ids += [str(one["body"]["transaction_id"]) for one in told.body["results"]]
    where = f"/webhooks/{endpoint['endpoint_id']}"

    async def is_paused() -> bool:
        return (await client.get(where)).body["paused_until"] is not None

    await eventually(is_paused)
    async with receiving(port) as receiver:
        opened = await client.patch(where, {"status": "enabled"})
        assert opened.body["paused_until"] is None
        await eventually(lambda: len(set(receiver.ids)) >= len(ids), ALL_SECONDS)

        async def all_done() -> bool:
            told = await client.get(f"{where}/deliveries?state=waiting")
            return bool(told.body["deliveries"] == [])

        await eventually(all_done)
        assert_once_each(receiver, endpoint["secret"], ids)
    tried = await client.get(f"{where}/deliveries/{ids[0]}")
    assert [one["status"] for one in tried.body["attempts_made"]][-1] == 204


async def test_the_process_may_be_killed_while_it_tells(
    run: Run, http: aiohttp.ClientSession, port: int
) -> None:
    client = Client(http)
    async with receiving(port) as receiver, hooked(http, port) as endpoint:
        first = await client.deposited("killed", "1.00")
        await eventually(lambda: first.transaction_id in receiver.ids)
        before = run.pids()["webhooks"]
        os.kill(before, signal.SIGKILL)
        second = await client.deposited("killed", "1.00")
        await eventually(lambda: second.transaction_id in receiver.ids, ALL_SECONDS)
        for call in receiver.received:
            call.verified_by(endpoint["secret"])
        where = f"/webhooks/{endpoint['endpoint_id']}/deliveries/{second.transaction_id}"

        async def is_written_down() -> bool:
            return bool((await client.get(where)).body["state"] == "delivered")

        await eventually(is_written_down)
        told = await traced(run, second.transaction_id)
    assert run.pids()["webhooks"] != before
    assert [told["state"], told["accepted"]["position"]] == ["posted", second.body["position"]]
    assert told["published"]["is_found"], told
    (notice,) = [one for one in told["webhooks"] if one["endpoint_id"] == endpoint["endpoint_id"]]
    assert [one["status"] for one in notice["attempts_made"]][-1] == 204
    times = [told["accepted"]["at"], told["page"]["written_at"], notice["attempts_made"][-1]["at"]]
    assert times == sorted(times)


async def traced(run: Run, transaction_id: str) -> dict[str, Any]:
    """What an operator is told of it, as the role that only reads."""
    process = await started("trace", transaction_id, "--json", **run.settings(API))
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    shown: dict[str, Any] = json.loads(out)
    return shown


async def test_a_replay_tells_what_was_decided_before_the_endpoint_was_there(
    http: aiohttp.ClientSession, port: int
) -> None:
    client = Client(http)
    first = await client.deposited("replayed", "1.00")
    second = await client.deposited("replayed", "2.00")
    async with receiving(port) as receiver, hooked(http, port) as endpoint:
        where = f"/webhooks/{endpoint['endpoint_id']}"
        told = await client.post(f"{where}/replay", {"from": first.transaction_id})
        assert told.status == 202, told
        wanted = {first.transaction_id, second.transaction_id}
        await eventually(lambda: wanted <= set(receiver.ids))
        await client.post(f"{where}/test")
        await eventually(
            lambda: any(one.json["type"] == "counterfoil.webhook.test" for one in receiver.received)
        )
        for call in receiver.received:
            call.verified_by(endpoint["secret"])
