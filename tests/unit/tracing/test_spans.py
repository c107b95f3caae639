"""A command's way from its request to the telling of its outcome, as spans tell it."""

from collections.abc import AsyncIterator
from typing import Final

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from adapters.tracing import TRACEPARENT
from core.errors import LogUnavailableError
from tests.unit.tracing.tracing_world import TracingWorld, traced_product

REQUEST: Final = "POST /deposit"
SEND: Final = "send counterfoil.commands"
PAGE: Final = "process counterfoil.commands"
PUBLISH: Final = "publish counterfoil.transactions"
TRACE_ID: Final = 0x0AF7651916CD43DD8448EB211C80319C
SPAN_ID: Final = 0xB7AD6B7169203331
SAMPLED: Final = {TRACEPARENT: f"00-{TRACE_ID:032x}-{SPAN_ID:016x}-01"}
NOT_SAMPLED: Final = {TRACEPARENT: f"00-{TRACE_ID:032x}-{SPAN_ID:016x}-00"}


def ids(span: ReadableSpan) -> tuple[int, int]:
    return span.context.trace_id, span.context.span_id


def linked(span: ReadableSpan) -> list[tuple[int, int]]:
    return [(one.context.trace_id, one.context.span_id) for one in span.links]


@pytest.fixture
async def world() -> AsyncIterator[TracingWorld]:
    async with traced_product() as one:
        yield one


async def test_a_deposit_is_one_trace_from_its_request_to_its_record(world: TracingWorld) -> None:
    await world.deposit()
    request, send = await world.span(REQUEST), await world.span(SEND)
    assert request.parent is None
    assert request.kind is SpanKind.SERVER
    assert send.parent == request.context
    assert send.kind is SpanKind.PRODUCER
    (record,) = world.records
    context = send.context
    flags = context.trace_flags
    written = f"00-{context.trace_id:032x}-{context.span_id:016x}-{flags:02x}".encode()
    assert [value for name, value in record.headers if name == TRACEPARENT] == [written]
    assert send.attributes is not None
    assert send.attributes["messaging.kafka.offset"] == record.position.offset
    assert send.attributes["messaging.destination.partition.id"] == str(record.position.partition)


async def test_its_page_is_linked_to_it_and_its_outcome_is_told_in_the_pages_trace(
    world: TracingWorld,
) -> None:
    await world.deposit()
    send, page = await world.span(SEND), await world.span(PAGE)
    publish = await world.span(PUBLISH)
    assert page.parent is None
    assert page.kind is SpanKind.CONSUMER
    assert linked(page) == [ids(send)]
    assert publish.parent is not None
    assert (publish.parent.trace_id, publish.parent.span_id) == ids(page)
    assert publish.links == ()


async def test_no_span_says_whose_money_it_was_or_how_much(world: TracingWorld) -> None:
    await world.deposit()
    await world.span(PUBLISH)
    told = "".join(one.to_json() for one in world.exporter.get_finished_spans())
    assert "alice" not in told
    assert "1.00" not in told


async def test_the_clients_trace_goes_on(world: TracingWorld) -> None:
    await world.deposit(SAMPLED)
    request = await world.span(REQUEST)
    assert request.context.trace_id == TRACE_ID
    assert request.parent is not None
    assert request.parent.span_id == SPAN_ID


async def test_a_client_that_does_not_record_its_trace_is_obeyed(world: TracingWorld) -> None:
    await world.deposit(NOT_SAMPLED)
    await world.deposit(SAMPLED)
    assert len((await world.span(PAGE)).links) == 1
    (traced,) = [one for one in world.records if TRACEPARENT in dict(one.headers)]
    assert traced.position.offset == 1


async def test_of_traces_that_begin_here_no_more_are_recorded_than_asked_for() -> None:
    async with traced_product(ratio=0.0) as world:
        await world.deposit()
        await world.deposit(SAMPLED)
        page = await world.span(PAGE)
        (request,) = world.ended(REQUEST)
    assert request.context.trace_id == TRACE_ID
    assert [one.context.trace_id for one in page.links] == [TRACE_ID]


async def test_a_batch_is_one_span_to_which_its_page_is_linked_once(world: TracingWorld) -> None:
    body = [{"type": "deposit", "user_id": "alice", "amount": 1}] * 3
    async with world.session.post(f"{world.url}/batch", json=body) as answer:
        assert answer.status == 202
    send, page = await world.span(SEND), await world.span(PAGE)
    assert send.attributes is not None
    assert send.attributes["messaging.batch.message_count"] == 3
    assert linked(page) == [ids(send)]


async def test_probes_have_no_spans_and_unknown_paths_no_names_of_their_own(
    world: TracingWorld,
) -> None:
    for path in ("/livez", "/readyz", "/metrics", "/no/such/path"):
        async with world.session.get(world.url + path):
            pass
    assert [one.name for one in world.exporter.get_finished_spans()] == ["GET"]


async def test_an_error_of_ours_is_one_of_the_spans(
    world: TracingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise LogUnavailableError("Kafka is away", may_have_been_accepted=False)

    monkeypatch.setattr(type(world.container.command_log()), "append", away)
    body = {"user_id": "alice", "amount": "1"}
    async with world.session.post(f"{world.url}/deposit", json=body) as answer:
        assert answer.status == 503
    request, send = await world.span(REQUEST), await world.span(SEND)
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 503
    assert request.status.status_code is send.status.status_code is StatusCode.ERROR


@pytest.mark.parametrize("forged", [b"\xff-nonsense", NOT_SAMPLED[TRACEPARENT].encode()])
async def test_a_record_that_is_of_no_recorded_trace_is_posted_without_a_span(
    world: TracingWorld, forged: bytes
) -> None:
    await world.deposit(NOT_SAMPLED)
    (record,) = world.records
    headers = [*record.headers, (TRACEPARENT, forged)]
    position = world.container.memory_log().append(
        record.position.partition, record.key, record.value, headers, record.recorded_at
    )
    assert await world.container.watch().passed(position, 20.0)
    await world.deposit(SAMPLED)
    assert len((await world.span(PAGE)).links) == 1
