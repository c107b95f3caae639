"""Pages of many traces, told together or again."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from adapters.outbound.otel.contexts import MAX_UNTOLD_PAGES
from adapters.outbound.otel.tracing import MAX_LINKS, OtelTracing
from adapters.tracing import TRACEPARENT
from core.entities.page import LedgerState, Outcomes
from core.entities.record import Record
from core.posting.post import post
from tests.builders import broken_record, deposit, letter_of, logged, record

PARTITION = 3


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    one = InMemorySpanExporter()
    yield one
    one.shutdown()


@pytest.fixture
async def tracing(exporter: InMemorySpanExporter) -> AsyncIterator[OtelTracing]:
    parts = (lambda: SimpleSpanProcessor(exporter), 1.0, "commands", "events")
    async with OtelTracing(*parts) as one:
        yield one


def traced_records(*offsets: int) -> list[Record]:
    """Each of a trace of its own."""
    return [
        record(deposit(), offset, PARTITION)._replace(
            headers=((TRACEPARENT, f"00-{offset + 1:032x}-{offset + 1:016x}-01".encode()),)
        )
        for offset in offsets
    ]


def outcomes(*offsets: int) -> Outcomes:
    commands = [logged(deposit(), offset, PARTITION) for offset in offsets]
    return Outcomes(post(commands, LedgerState({}, {})).transactions, ())


def post_page(tracing: OtelTracing, *offsets: int) -> None:
    with tracing.page(PARTITION, traced_records(*offsets)):
        pass


def publish(tracing: OtelTracing, *offsets: int) -> None:
    with tracing.publishing(PARTITION, outcomes(*offsets)):
        pass


def ended(exporter: InMemorySpanExporter, name: str) -> Sequence[ReadableSpan]:
    return [one for one in exporter.get_finished_spans() if one.name == name]


def test_a_page_has_no_more_links_than_the_limit(
    tracing: OtelTracing, exporter: InMemorySpanExporter
) -> None:
    post_page(tracing, *range(MAX_LINKS + 1))
    (page,) = ended(exporter, "process commands")
    linked = [one.context.trace_id for one in page.links]
    assert linked == list(range(1, MAX_LINKS + 1))
    assert page.dropped_links == 0


def test_pages_told_together_are_one_span_in_the_trace_of_the_first(
    tracing: OtelTracing, exporter: InMemorySpanExporter
) -> None:
    post_page(tracing, 0, 1)
    post_page(tracing, 2)
    post_page(tracing, 3)
    publish(tracing, 0, 1, 2)
    first, second, third = ended(exporter, "process commands")
    (told,) = ended(exporter, "publish events")
    assert told.parent == first.context
    assert [one.context for one in told.links] == [second.context]
    publish(tracing, 3)
    assert ended(exporter, "publish events")[1].parent == third.context


def test_what_could_not_be_told_is_told_in_the_same_trace(
    tracing: OtelTracing, exporter: InMemorySpanExporter
) -> None:
    post_page(tracing, 0)
    with suppress(TimeoutError), tracing.publishing(PARTITION, outcomes(0)):
        raise TimeoutError
    publish(tracing, 0)
    (page,) = ended(exporter, "process commands")
    failed, told = ended(exporter, "publish events")
    assert failed.parent == told.parent == page.context
    assert failed.status.status_code is StatusCode.ERROR
    assert told.status.status_code is StatusCode.UNSET


def test_a_page_that_failed_is_not_among_those_to_be_told(
    tracing: OtelTracing, exporter: InMemorySpanExporter
) -> None:
    with suppress(TimeoutError), tracing.page(PARTITION, traced_records(0)):
        raise TimeoutError
    post_page(tracing, 0)
    publish(tracing, 0)
    failed, posted = ended(exporter, "process commands")
    (told,) = ended(exporter, "publish events")
    assert failed.status.status_code is StatusCode.ERROR
    assert told.parent == posted.context


def test_a_dead_letter_is_told_in_its_pages_trace(
    tracing: OtelTracing, exporter: InMemorySpanExporter
) -> None:
    post_page(tracing, 0)
    letters = [letter_of(broken_record(0, PARTITION))]
    with tracing.publishing(PARTITION, Outcomes((), letters)):
        pass
    (page,) = ended(exporter, "process commands")
    (told,) = ended(exporter, "publish events")
    assert told.parent == page.context


def test_pages_that_tell_nothing_do_not_fill_the_memory(
    tracing: OtelTracing, exporter: InMemorySpanExporter
) -> None:
    for offset in range(MAX_UNTOLD_PAGES + 5):
        post_page(tracing, offset)
    publish(tracing, MAX_UNTOLD_PAGES + 4)
    (told,) = ended(exporter, "publish events")
    assert told.parent == ended(exporter, "process commands")[5].context
    assert len(told.links) == MAX_UNTOLD_PAGES - 1
