"""What is told of a command's way to whoever collects traces.

Spans follow it from the request through its record to the page, and to the telling of its outcome.
Where tracing is off nothing of this is called: what goes around ports and use cases is left out.
"""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Final, Protocol

from core.entities.command import Command
from core.entities.page import Outcomes
from core.entities.position import Position
from core.entities.record import Headers, Record

TRACEPARENT: Final = "traceparent"
"""The header of a request and of a record that says to which trace it belongs (W3C)."""

RecordHeaders = Callable[[], Headers]
"""What a record is given beside its own headers."""


class RequestSpan(Protocol):
    """A request that is being answered."""

    def answered(self, status: int) -> None:
        """Its answer has this status."""
        ...


class AppendSpan(Protocol):
    """Commands that are being appended."""

    def appended(self, position: Position) -> None:
        """The one command lies there now."""
        ...


class Tracing(AbstractAsyncContextManager["Tracing"], Protocol):
    """Spans of this process, collected while its context lasts.

    Each context manager is a span that what runs inside belongs to; an exception that leaves it
    is the span's error, and goes on. Nothing here waits or fails, wherever spans are sent.
    """

    def request(
        self, method: str, route: str | None, headers: Mapping[str, str]
    ) -> AbstractContextManager[RequestSpan]:
        """A request in hand, in the trace that its headers name. None is the route of what has
        none.
        """
        ...

    def appending(self, commands: Sequence[Command]) -> AbstractContextManager[AppendSpan]:
        """Commands on their way into the log."""
        ...

    def record_headers(self) -> Headers:
        """The header that lets a record be found in the trace that appends it; none where nothing
        is recorded.
        """
        ...

    def page(self, partition: int, records: Sequence[Record]) -> AbstractContextManager[object]:
        """A page made of records in hand, linked to the traces that these came from. Where none of
        them is of any trace, there is no span.
        """
        ...

    def publishing(self, partition: int, outcomes: Outcomes) -> AbstractContextManager[object]:
        """Outcomes being told, in the trace of the first of their pages and linked to the others.
        Where no page has a span, there is none.
        """
        ...

    def add_trace_id(
        self, logger: object, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """The log event with the `trace_id` of what runs. It is a structlog processor."""
        ...
