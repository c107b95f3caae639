"""Routes, as the operations declare them."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from aiohttp import hdrs, web

from adapters.inbound.http.operation import Handler, Operation
from adapters.inbound.http.query import DECLARED_QUERY

Handlers = TypeVar("Handlers")
_PATH_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")


def routes(operations: Iterable[Operation[Handlers]], handlers: Handlers) -> Iterator[web.RouteDef]:
    """A route for each operation. Whatever takes GET takes HEAD."""
    for operation in operations:
        handler = _declaring(operation, operation.handler(handlers))
        # A parameter takes anything, so that the use case, not the router, refuses an id.
        path = _PATH_PARAMETER.sub(r"{\1:[^/]*}", operation.path)
        if operation.method == hdrs.METH_GET:
            yield web.get(path, handler)
        else:
            yield web.route(operation.method, path, handler)


def _declaring(operation: Operation[Handlers], handler: Handler) -> Handler:
    """The handler, told which parameters the operation declares."""
    names = frozenset(parameter.name for parameter in operation.query)

    async def declared(request: web.Request) -> web.StreamResponse:
        request[DECLARED_QUERY] = names
        return await handler(request)

    return declared
