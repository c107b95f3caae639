"""What goes around every request: its id, its problem, its log line, its metrics."""

import logging
from time import perf_counter
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from structlog.contextvars import bind_contextvars, clear_contextvars

from adapters.inbound.http.problems import INTERNAL, problem_of
from adapters.inbound.http.request_id import REQUEST_ID, X_REQUEST_ID, request_id_from
from adapters.metrics.catalogue import METHODS, OTHER_METHOD, UNMATCHED
from adapters.metrics.instruments import HttpMetrics
from core.errors import PipelineFullError, UnavailableError

PROBES: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked every few seconds by machines: logged at debug."""
_METHODS: Final = frozenset(METHODS)
_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


def observing(metrics: HttpMetrics) -> Middleware:
    """The one middleware. Each request runs in a context of its own, so nothing is unbound."""

    @web.middleware
    async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = perf_counter()
        request_id = request_id_from(request.headers)
        request[REQUEST_ID] = request_id
        # One task serves all requests of a connection, so the last one's would still be bound.
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        answer = await _answer(request, handler, request_id)
        answer.headers[X_REQUEST_ID] = request_id
        route = route_of(request)
        seconds = perf_counter() - started
        _count(metrics, route, method_of(request), answer.status, seconds)
        _log_access(request, route, answer.status, seconds)
        return answer

    return observe


async def _answer(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    try:
        return await handler(request)
    except Exception as error:  # noqa: BLE001 (the last one to catch: nothing may leak)
        problem = problem_of(error)
        if isinstance(error, UnavailableError) and not isinstance(error, PipelineFullError):
            # The answer does not tell the reason: it may name hosts, which are our own business.
            _log.warning("dependency_unavailable", what=error.dependency, reason=str(error))
        if problem is None:
            _log.error("http_request_failed", exc_info=error)
            problem = INTERNAL
        return problem.answer(request_id)


def route_of(request: web.Request) -> str:
    """Its path as the API's description has it, or `UNMATCHED`."""
    resource = request.match_info.route.resource
    return UNMATCHED if resource is None else resource.canonical


def method_of(request: web.Request) -> str:
    """Its method, or `OTHER_METHOD`: clients may write anything there."""
    return request.method if request.method in _METHODS else OTHER_METHOD


def _log_access(request: web.Request, route: str, status: int, seconds: float) -> None:
    level = logging.WARNING if status >= 500 else logging.INFO
    _log.log(
        logging.DEBUG if route in PROBES else level,
        "http_request",
        method=request.method,
        path=request.rel_url.raw_path,
        status=status,
        seconds=round(seconds, 6),
    )


def _count(metrics: HttpMetrics, route: str, method: str, status: int, seconds: float) -> None:
    metrics.requests.labels(route, method, str(status)).inc()
    metrics.request_seconds.labels(route, method).observe(seconds)
