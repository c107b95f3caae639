"""`Tracing` by OpenTelemetry's SDK."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, Self

from opentelemetry.context import Context
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    NoOpTracer,
    SpanContext,
    SpanKind,
    Tracer,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adapters.outbound.otel.attributes import (
    HTTP_METHOD,
    HTTP_ROUTE,
    MESSAGE_ID,
    OFFSET,
    PARTITION,
    messaging,
)
from adapters.outbound.otel.contexts import UntoldPages, last_offset_of, spans_of
from adapters.outbound.otel.sampling import sampler_of
from adapters.outbound.otel.spans import OtelAppendSpan, OtelRequestSpan
from adapters.tracing import TRACEPARENT
from core.entities.command import Command
from core.entities.page import Outcomes
from core.entities.record import Headers, Record

MAX_LINKS: Final = 128
"""Of one span. OpenTelemetry's SDK drops those beyond it."""
SERVICE: Final = "counterfoil"
"""What spans are of, unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` says otherwise."""

_propagator: Final = TraceContextTextMapPropagator()


class OtelTracing:
    """`Tracing` that hands spans to the processor that `new_processor` makes.

    Before its context is entered, and after, nothing is recorded.
    """

    def __init__(
        self,
        new_processor: Callable[[], SpanProcessor],
        sampling_ratio: float,
        commands_topic: str,
        events_topic: str,
    ) -> None:
        self._new_processor = new_processor
        self._sampling_ratio = sampling_ratio
        self._commands_topic = commands_topic
        self._events_topic = events_topic
        self._provider: TracerProvider | None = None
        self._tracer: Tracer = NoOpTracer()
        self._untold = UntoldPages()

    async def __aenter__(self) -> Self:
        """Begin to record."""
        self._provider = TracerProvider(
            sampler=sampler_of(self._sampling_ratio), resource=_resource(), shutdown_on_exit=False
        )
        self._provider.add_span_processor(self._new_processor())
        self._tracer = self._provider.get_tracer("counterfoil")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Send what is recorded."""
        provider, self._provider, self._tracer = self._provider, None, NoOpTracer()
        if provider is not None:
            # It waits for the collector, and knows no event loop.
            await asyncio.to_thread(provider.shutdown)

    @contextmanager
    def request(
        self, method: str, route: str | None, headers: Mapping[str, str]
    ) -> Iterator[OtelRequestSpan]:
        """The server's span."""
        attributes = {HTTP_METHOD: method} | ({} if route is None else {HTTP_ROUTE: route})
        with self._tracer.start_as_current_span(
            method if route is None else f"{method} {route}",
            context=_propagator.extract(headers, context=Context()),
            kind=SpanKind.SERVER,
            attributes=attributes,
        ) as span:
            yield OtelRequestSpan(span)

    @contextmanager
    def appending(self, commands: Sequence[Command]) -> Iterator[OtelAppendSpan]:
        """The producer's span."""
        attributes = messaging("send", "send", self._commands_topic, len(commands))
        if len(commands) == 1:
            attributes[MESSAGE_ID] = str(commands[0].transaction_id)
        with self._tracer.start_as_current_span(
            f"send {self._commands_topic}", kind=SpanKind.PRODUCER, attributes=attributes
        ) as span:
            yield OtelAppendSpan(span)

    def record_headers(self) -> Headers:
        """`traceparent` of the span that runs."""
        if not get_current_span().get_span_context().trace_flags.sampled:
            return ()
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        return ((TRACEPARENT, carrier[TRACEPARENT].encode()),)

    def page(self, partition: int, records: Sequence[Record]) -> AbstractContextManager[object]:
        """The consumer's span: a trace of its own, since a page is of many."""
        links = [Link(one) for one in spans_of(records, MAX_LINKS)]
        return self._page(partition, records, links) if links else nullcontext()

    @contextmanager
    def _page(
        self, partition: int, records: Sequence[Record], links: Sequence[Link]
    ) -> Iterator[None]:
        first_offset = records[0].position.offset
        attributes = messaging("process", "process", self._commands_topic, len(records)) | {
            PARTITION: str(partition),
            OFFSET: first_offset,
        }
        with self._tracer.start_as_current_span(
            f"process {self._commands_topic}",
            context=Context(),
            kind=SpanKind.CONSUMER,
            attributes=attributes,
            links=links,
        ) as span:
            yield
        self._untold.add(partition, first_offset, span.get_span_context())

    def publishing(self, partition: int, outcomes: Outcomes) -> AbstractContextManager[object]:
        """The span of telling, which goes on behind the worker's back."""
        pages = self._untold.up_to(partition, last_offset_of(outcomes), MAX_LINKS)
        if not pages:
            return nullcontext()
        return self._publishing(partition, outcomes, pages)

    @contextmanager
    def _publishing(
        self, partition: int, outcomes: Outcomes, pages: Sequence[SpanContext]
    ) -> Iterator[None]:
        first, *others = pages
        count = len(outcomes.transactions) + len(outcomes.dead_letters)
        attributes = messaging("publish", "send", self._events_topic, count)
        with self._tracer.start_as_current_span(
            f"publish {self._events_topic}",
            context=set_span_in_context(NonRecordingSpan(first), Context()),
            kind=SpanKind.PRODUCER,
            attributes=attributes | {PARTITION: str(partition)},
            links=[Link(one) for one in others],
        ):
            yield
        self._untold.forget(partition, last_offset_of(outcomes))

    def add_trace_id(
        self, logger: object, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """The `trace_id`, as collectors write it; none outside of spans."""
        span = get_current_span().get_span_context()
        if span.is_valid:
            event["trace_id"] = f"{span.trace_id:032x}"
        return event


def _resource() -> Resource:
    named = Resource({"service.name": SERVICE}).merge(OTELResourceDetector().detect())
    return Resource.create(named.attributes)
