"""A span around every request that is not a probe."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.inbound.http.middleware import PROBES, method_of, route_of
from adapters.metrics.catalogue import UNMATCHED
from adapters.tracing import Tracing


def traced(tracing: Tracing) -> Middleware:
    """The middleware. It goes around the one that logs, so that the line has its trace."""

    @web.middleware
    async def trace(request: web.Request, handler: Handler) -> web.StreamResponse:
        route = route_of(request)
        if route in PROBES:
            return await handler(request)
        named = None if route == UNMATCHED else route
        with tracing.request(method_of(request), named, request.headers) as span:
            answer = await handler(request)
            span.answered(answer.status)
            return answer

    return trace
