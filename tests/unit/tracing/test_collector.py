"""What reaches a collector, and the logs."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import stamina.instrumentation
import structlog
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

import bootstrap
from entrypoints.process import configured
from entrypoints.settings import Profile, Settings
from tests.unit.tracing.tracing_world import ENDPOINT, traced_product


class Collector:
    """Takes what is sent to it by OTLP over HTTP."""

    def __init__(self) -> None:
        self.taken: list[ExportTraceServiceRequest] = []

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append(ExportTraceServiceRequest.FromString(await request.read()))
        return web.Response(content_type="application/x-protobuf")

    @property
    def names(self) -> set[str]:
        return {
            span.name
            for one in self._resource_spans
            for scope in one.scope_spans
            for span in scope.spans
        }

    @property
    def services(self) -> set[str]:
        return {
            attribute.value.string_value
            for one in self._resource_spans
            for attribute in one.resource.attributes
            if attribute.key == "service.name"
        }

    @property
    def _resource_spans(self) -> list[ResourceSpans]:
        return [one for request in self.taken for one in request.resource_spans]


@asynccontextmanager
async def collecting(collector: Collector) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    async with TestServer(app) as server:
        yield str(server.make_url("/v1/traces"))


async def test_a_collector_is_sent_all_spans_by_the_time_that_the_process_has_stopped() -> None:
    collector = Collector()
    async with collecting(collector) as endpoint:
        settings = Settings(profile=Profile.MEMORY, http_port=0, traces_endpoint=endpoint)
        container = bootstrap.make_container(settings.model_dump())
        async with (
            bootstrap.running_api(container),
            ClientSession(container.api_server().url) as session,
            session.get("/accounts") as answer,
        ):
            assert answer.status == 200
    assert collector.names == {"GET /accounts"}
    assert collector.services == {"counterfoil"}


async def test_every_line_about_a_traced_command_bears_its_trace() -> None:
    async with traced_product() as world:
        processors = [merge_contextvars, *bootstrap.log_processors(world.container)]
        with capture_logs(processors=processors) as lines:
            await world.deposit()
            page = await world.span("process counterfoil.commands")
        request = await world.span("POST /deposit")
    traces = {line["event"]: line.get("trace_id") for line in lines}
    assert traces == {
        "http_request": f"{request.context.trace_id:032x}",
        "page_posted": f"{page.context.trace_id:032x}",
    }


async def test_lines_about_what_is_not_traced_bear_none() -> None:
    async with traced_product() as world:
        processors = bootstrap.log_processors(world.container)
        with capture_logs(processors=processors) as lines:
            async with world.session.get(f"{world.url}/livez"):
                pass
    assert [line["event"] for line in lines][:1] == ["http_request"]
    assert not any("trace_id" in line for line in lines)


def test_a_process_has_its_lines_bear_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(structlog, "configure", told.update)
    monkeypatch.setattr(logging, "basicConfig", dict)
    monkeypatch.setattr(stamina.instrumentation, "set_on_retry_hooks", list)
    monkeypatch.setenv("COUNTERFOIL_PROFILE", "memory")
    monkeypatch.setenv("COUNTERFOIL_TRACES_ENDPOINT", ENDPOINT)
    _, container = configured()
    (tracing,) = container.tracings()
    assert tracing.add_trace_id in told["processors"]
