"""A pipeline that is full says so, and when to come again; nothing is taken by halves."""

import json

import pytest

from core.errors import PipelineFullError
from tests.unit.http.world import JSON, Api, World

FULL = PipelineFullError("partition 3 lags by 1,000,000 records", retry_after_seconds=7)
KEYED = {"Idempotency_Key": "key-1"}
ITEMS = [
    {"type": "deposit", "user_id": "alice", "amount": 1},
    {"type": "deposit", "user_id": "alice", "amount": 0},
]


@pytest.fixture
def full(world: World) -> World:
    world.command_log.error = FULL
    return world


@pytest.mark.parametrize("headers", [{}, KEYED, {"Prefer": "wait=5"}])
async def test_a_command_is_refused_with_the_time_to_come_again(
    api: Api, full: World, headers: dict[str, str]
) -> None:
    answer = await api.deposit("alice", **headers)
    assert (answer.status, answer.body["code"]) == (503, "pipeline_full")
    assert answer.headers["Retry-After"] == "7"
    assert answer.body["may_have_been_accepted"] is False
    assert "partition" not in answer.text
    full.command_log.error = None
    assert (await api.deposit("alice", **headers)).status in {201, 202}
    assert len(full.records) == 1


async def test_a_batch_is_refused_as_a_whole(api: Api, full: World) -> None:
    answer = await api.post("/batch", json.dumps(ITEMS))
    assert (answer.status, answer.body["code"]) == (503, "pipeline_full")
    assert answer.headers["Retry-After"] == "7"
    assert answer.body["may_have_been_accepted"] is False
    refused = 'counterfoil_commands_refused_total{code="pipeline_full",type="batch"} 1.0'
    assert refused in (await api.get("/metrics")).text


async def test_what_was_decided_already_is_answered_all_the_same(api: Api, world: World) -> None:
    await api.deposit("alice", **KEYED, Prefer="wait=5")
    batch = json.dumps(ITEMS[:1])
    await api.post("/batch", batch, Idempotency_Key="batch", Prefer="wait=5")
    world.command_log.error = FULL
    again = await api.deposit("alice", **KEYED, Prefer="wait=5")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    (item,) = (await api.post("/batch", batch, Idempotency_Key="batch")).body["results"]
    assert (item["http_status"], item["idempotency_replayed"]) == (202, True)


async def test_what_is_wrong_is_told_before_what_is_full(api: Api, full: World) -> None:
    assert (await api.deposit("alice", "0")).status == 422


async def test_reads_go_on(api: Api, world: World) -> None:
    await api.deposit("alice", Prefer="wait=5")
    world.command_log.error = FULL
    assert (await api.get("/balance/alice")).status == 200
    assert (await api.call("GET", "/readyz", headers=JSON)).status == 200
