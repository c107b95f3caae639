"""Query parameters: only those a path knows, each at most once."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from adapters.inbound.http.problems import shown
from core.refusals import InvalidFieldError

NO_PARAMETERS: Final[frozenset[str]] = frozenset()


def query_of(request: web.Request, known: frozenset[str]) -> Mapping[str, str]:
    """The request's parameters. Raises `InvalidFieldError` naming the one that is wrong."""
    if not request.rel_url.raw_query_string:
        return {}
    parameters: dict[str, str] = {}
    for name, value in request.query.items():
        if name not in known:
            raise InvalidFieldError(shown(name) or "query", "is not a parameter of this path")
        if name in parameters:
            raise InvalidFieldError(name, "must be given once")
        parameters[name] = value
    return parameters
