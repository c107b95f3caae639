"""What those who look after a process are told."""

import pytest
from aiohttp import ClientSession

from adapters.inbound.http.app import HealthParts, build_health_app
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.server import HttpServer
from tests.unit.http.world import Api, World

LIMITS = HttpLimits()


async def test_a_living_process_says_so(api: Api, world: World) -> None:
    world.kafka.sentence = world.postgres.sentence = "away"
    assert (await api.get("/livez")).status == 200


async def test_ready_names_every_dependency(api: Api) -> None:
    answer = await api.get("/readyz")
    assert answer.status == 200
    assert answer.body == {
        "status": "ready",
        "dependencies": {"kafka": {"status": "up"}, "postgres": {"status": "up"}},
    }


async def test_without_postgresql_the_api_is_ready_and_says_what_is_missing(
    api: Api, world: World
) -> None:
    world.postgres.sentence = "no answer within 2 s"
    answer = await api.get("/readyz")
    assert answer.status == 200
    down = {"status": "down", "detail": "no answer within 2 s"}
    assert answer.body["dependencies"]["postgres"] == down


async def test_without_kafka_the_api_is_not_ready(api: Api, world: World) -> None:
    world.kafka.sentence = "away"
    answer = await api.get("/readyz")
    assert (answer.status, answer.body["status"]) == (503, "not_ready")
    world.kafka.sentence = None
    assert (await api.get("/readyz")).status == 200


@pytest.mark.parametrize("missing", ["kafka", "postgres"])
async def test_another_process_has_health_alone_with_what_it_requires(
    world: World, missing: str
) -> None:
    parts = HealthParts(
        (world.kafka, world.postgres), frozenset({"kafka", "postgres"}), world.metrics
    )
    app = build_health_app(parts)
    async with (
        HttpServer(app, "127.0.0.1", 0, world.metrics.http, LIMITS) as server,
        ClientSession() as session,
    ):
        api = Api(world, server, session)
        assert [(await api.get(path)).status for path in ("/livez", "/readyz")] == [200, 200]
        assert (await api.deposit()).status == 404
        {"kafka": world.kafka, "postgres": world.postgres}[missing].sentence = "away"
        assert (await api.get("/readyz")).status == 503


async def test_a_required_dependency_that_nobody_knows_is_not_there(world: World) -> None:
    app = build_health_app(HealthParts((world.kafka,), frozenset({"postgres"}), world.metrics))
    async with (
        HttpServer(app, "127.0.0.1", 0, world.metrics.http, LIMITS) as server,
        ClientSession() as session,
    ):
        assert (await Api(world, server, session).get("/readyz")).status == 503


async def test_metrics_are_told_in_prometheus_text(api: Api) -> None:
    await api.get("/balance/nobody")
    answer = await api.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert 'route="/balance/{user_id}",status="404"} 1.0' in answer.text
    assert "process_cpu_seconds_total" in answer.text
    assert "_created" not in answer.text
    assert "counterfoil_http_connections 1.0" in answer.text
