"""One connection, guarded against clients that take too long or are too many.

aiohttp's keep-alive timeout runs from the last answer and is not reset by data, so it ends a
connection without a request. What it leaves open is guarded here: a head that dribbles in, and an
answer that is not taken.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import hdrs, web

from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.problems import INTERNAL, MALFORMED_REQUEST, Problem, problem_of
from adapters.inbound.http.request_id import X_REQUEST_ID, new_request_id
from adapters.metrics.catalogue import OTHER_METHOD, UNMATCHED, CutReason
from adapters.metrics.instruments import HttpMetrics

_TOO_MANY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)
_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Admission:
    """Counts the open connections of one server."""

    limits: HttpLimits
    metrics: HttpMetrics
    open_connections: int = 0

    def enter(self) -> bool:
        """Count one more; False if that is too many."""
        self.open_connections += 1
        self.metrics.connections.inc()
        return self.open_connections <= self.limits.max_connections

    def leave(self) -> None:
        """Count one less."""
        self.open_connections -= 1
        self.metrics.connections.dec()


class Connection(web.RequestHandler):
    """aiohttp's side of a connection, with the deadlines that it lacks."""

    __slots__ = ("_admission", "_clock", "_head_deadline", "_when_lost", "_write_deadline")

    def __init__(
        self, server: web.Server, admission: Admission, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            keepalive_timeout=admission.limits.idle_seconds,
            max_field_size=admission.limits.max_header_bytes,
            lingering_time=admission.limits.linger_seconds,
            # The middleware logs; and encoded bodies are refused, so nothing is ever inflated.
            access_log=None,  # type: ignore[arg-type]
            auto_decompress=False,
        )
        self._clock = loop
        self._admission = admission
        self._head_deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._when_lost: Callable[[], None] | None = None

    def when_lost(self, call: Callable[[], None]) -> None:
        """Have it called when the connection is lost: an answer without end must end then."""
        self._when_lost = call

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, unless there are too many."""
        admitted = self._admission.enter()
        super().connection_made(transport)
        if not admitted and self.transport is not None:
            self.transport.write(_TOO_MANY)
            self._cut(CutReason.TOO_MANY)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection and its deadlines."""
        self._admission.leave()
        self._end_head_deadline()
        self._end_write_deadline()
        if self._when_lost is not None:
            self._when_lost()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse. A head that has begun must be complete in time."""
        super().data_received(data)
        # aiohttp's own sign that the connection is idle: it waits for the next whole head.
        waiter = self._waiter
        if waiter is None or waiter.done():
            self._end_head_deadline()
        elif self._head_deadline is None and data:
            seconds = self._admission.limits.head_seconds
            self._head_deadline = self._clock.call_later(seconds, self._cut, CutReason.SLOW_HEAD)

    def pause_writing(self) -> None:
        """The client does not take what we write: it must go on in time."""
        super().pause_writing()
        seconds = self._admission.limits.write_seconds
        self._write_deadline = self._clock.call_later(seconds, self._abort, CutReason.SLOW_READER)

    def resume_writing(self) -> None:
        """The client goes on."""
        self._end_write_deadline()
        super().resume_writing()

    def _end_head_deadline(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _end_write_deadline(self) -> None:
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what never became a request, or what no middleware saw, with a problem."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already") from exc
        if status != 400:
            _log.error("http_connection_failed", exc_info=exc)
        answer = self._answer(MALFORMED_REQUEST if status == 400 else INTERNAL)
        answer.force_close()
        return answer

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer; what aiohttp refused before any middleware ran is a problem, too."""
        if isinstance(resp, web.HTTPException):
            resp = self._answer(problem_of(resp) or INTERNAL)
        # Of what comes together with an upgrade aiohttp drops the rest: what follows, perhaps the
        # middle of a body, would be taken for a request.
        if hdrs.UPGRADE in request.headers or resp.headers.get(hdrs.CONNECTION) == "close":
            resp.force_close()
        return await super().finish_response(request, resp, start_time)

    def _answer(self, problem: Problem) -> web.Response:
        request_id = new_request_id()
        _log.info("http_request_refused", request_id=request_id, code=problem.code)
        self._admission.metrics.requests.labels(UNMATCHED, OTHER_METHOD, str(problem.status)).inc()
        answer = problem.answer(request_id)
        answer.headers[X_REQUEST_ID] = request_id
        return answer

    def _cut(self, reason: CutReason) -> None:
        self._admission.metrics.connections_cut.labels(reason).inc()
        self.force_close()

    def _abort(self, reason: CutReason) -> None:
        transport = self.transport
        self._cut(reason)
        # Closing alone would wait for the client to take what is written.
        if transport is not None:
            transport.abort()
