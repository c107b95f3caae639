"""The whole product in memory, whose spans stay where a test can read them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import ClientSession
from dependency_injector import providers
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import bootstrap
from bootstrap import Container
from core.entities.record import Record
from entrypoints.settings import Profile, Settings
from tests.eventually import eventually

ENDPOINT = "http://127.0.0.1:4318/v1/traces"
WAITING = {"Prefer": "wait=20"}


@dataclass(frozen=True)
class TracingWorld:
    """A running product, a client of it, and the spans that have ended."""

    container: Container
    session: ClientSession
    exporter: InMemorySpanExporter

    @property
    def url(self) -> str:
        return self.container.api_server().url

    @property
    def records(self) -> list[Record]:
        log = self.container.memory_log()
        return [one for number in range(log.partition_count) for one in log.records(number, 0, 999)]

    async def deposit(self, headers: dict[str, str] | None = None) -> None:
        body = {"user_id": "alice", "amount": "1"}
        headers = WAITING | (headers or {})
        async with self.session.post(f"{self.url}/deposit", json=body, headers=headers) as got:
            assert got.status == 201

    def ended(self, name: str) -> list[ReadableSpan]:
        return [one for one in self.exporter.get_finished_spans() if one.name == name]

    async def span(self, name: str) -> ReadableSpan:
        """The one span of that name, once it has ended."""
        await eventually(lambda: bool(self.ended(name)))
        (span,) = self.ended(name)
        return span


@asynccontextmanager
async def traced_product(
    endpoint: str | None = ENDPOINT, ratio: float = 1.0
) -> AsyncIterator[TracingWorld]:
    settings = Settings(
        profile=Profile.MEMORY, http_port=0, traces_endpoint=endpoint, traces_sampling_ratio=ratio
    )
    container = bootstrap.make_container(settings.model_dump())
    exporter = InMemorySpanExporter()
    container.new_span_processor.override(providers.Object(partial(SimpleSpanProcessor, exporter)))
    async with bootstrap.running_demo(container), ClientSession() as session:
        yield TracingWorld(container, session, exporter)
