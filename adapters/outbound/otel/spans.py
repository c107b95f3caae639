"""What becomes known of a span while it lasts."""

from dataclasses import dataclass

from opentelemetry.trace import Span, StatusCode

from adapters.outbound.otel.attributes import ERROR_TYPE, HTTP_STATUS, OFFSET, PARTITION
from core.entities.position import Position


@dataclass(frozen=True, slots=True)
class OtelRequestSpan:
    """A `RequestSpan`."""

    span: Span

    def answered(self, status: int) -> None:
        """By OpenTelemetry's conventions only 5xx is an error of the server."""
        self.span.set_attribute(HTTP_STATUS, status)
        if status >= 500:
            self.span.set_attribute(ERROR_TYPE, str(status))
            self.span.set_status(StatusCode.ERROR)


@dataclass(frozen=True, slots=True)
class OtelAppendSpan:
    """An `AppendSpan`."""

    span: Span

    def appended(self, position: Position) -> None:
        """As `AppendSpan` promises."""
        self.span.set_attributes({PARTITION: str(position.partition), OFFSET: position.offset})
