"""Sending spans to a collector, from a thread of their own."""

from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor

EXPORT_SECONDS: Final = 3.0
"""For one request, tries and all. A stop waits for two at most: one on its way, and the last."""
MAX_WAITING_SPANS: Final = 2_048
"""Beyond it the oldest are dropped. All fit into one request, lest a stop need many."""


def batching(endpoint: str) -> SpanProcessor:
    """Sends spans to `endpoint` by OTLP over HTTP, many at a time; drops those it cannot send.

    Its headers, certificates and compression are OpenTelemetry's own environment variables.
    """
    return BatchSpanProcessor(
        OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS),
        max_queue_size=MAX_WAITING_SPANS,
        max_export_batch_size=MAX_WAITING_SPANS,
    )
