"""To which spans records and pages belong."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import SpanContext, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adapters.tracing import TRACEPARENT
from core.entities.page import Outcomes
from core.entities.record import Headers, Record

MAX_UNTOLD_PAGES: Final = 64
"""Of a partition. Beyond it the oldest are forgotten."""

_propagator: Final = TraceContextTextMapPropagator()


def spans_of(records: Iterable[Record], limit: int) -> Sequence[SpanContext]:
    """The first `limit` different recorded spans that appended these; other records are of none."""
    # A batch's records share their span. A dict keeps the order.
    found: dict[int, SpanContext] = {}
    for record in records:
        span = _span_of(record.headers)
        if span is not None:
            found.setdefault(span.span_id, span)
        if len(found) == limit:
            break
    return list(found.values())


def _span_of(headers: Headers) -> SpanContext | None:
    for name, value in headers:
        if name == TRACEPARENT:
            # Whoever may write to the topic may write anything here; what is none, is none.
            carrier = {TRACEPARENT: value.decode("ascii", "replace")}
            context = _propagator.extract(carrier, context=Context())
            span = get_current_span(context).get_span_context()
            return span if span.is_valid and span.trace_flags.sampled else None
    return None


def last_offset_of(outcomes: Outcomes) -> int:
    """The offset of the last of the records that they came of; -1 of none."""
    last = [one.position.offset for one in outcomes.transactions[-1:]]
    last += [one.record.position.offset for one in outcomes.dead_letters[-1:]]
    return max(last, default=-1)


class UntoldPages:
    """The spans of pages whose outcomes are not told yet."""

    def __init__(self) -> None:
        self._pages: defaultdict[int, deque[tuple[int, SpanContext]]] = defaultdict(
            lambda: deque(maxlen=MAX_UNTOLD_PAGES)
        )

    def add(self, partition: int, first_offset: int, span: SpanContext) -> None:
        """A page that begins there is posted."""
        self._pages[partition].append((first_offset, span))

    def up_to(self, partition: int, offset: int, limit: int) -> Sequence[SpanContext]:
        """At most `limit` of the pages that begin at `offset` or before it, the oldest first."""
        pages = self._pages[partition]
        return [span for first, span in islice(pages, limit) if first <= offset]

    def forget(self, partition: int, offset: int) -> None:
        """The outcomes of these are told."""
        pages = self._pages[partition]
        while pages and pages[0][0] <= offset:
            pages.popleft()
