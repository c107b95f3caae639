"""`GET /openapi.json` and the page at `/docs` that shows it; `GET /asyncapi.json`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from aiohttp import hdrs, web

from adapters.inbound.http.answers import JSON, SERVER
from adapters.inbound.http.query import query_of
from adapters.inbound.http.swagger_ui import FILES, FOLDER, PAGE

_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        hdrs.CACHE_CONTROL: "no-cache",
        hdrs.SERVER: SERVER,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
)
_CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing inline, nothing from elsewhere: the page talks to this server alone."""


@dataclass(frozen=True, slots=True)
class DescriptionHandlers:
    """Shows what the API is, and what the topics are. Each document is JSON; it is made when it is
    first asked for, or is there.
    """

    document: Callable[[], bytes]
    topics: Callable[[], bytes]

    async def openapi(self, request: web.Request) -> web.Response:
        """The OpenAPI document."""
        query_of(request)
        return _json(self.document())

    async def asyncapi(self, request: web.Request) -> web.Response:
        """The AsyncAPI document."""
        query_of(request)
        return _json(self.topics())

    async def page(self, request: web.Request) -> web.FileResponse:
        """The page, which asks for its parts beside it."""
        query_of(request)
        answer = _file(PAGE, "text/html")
        answer.headers["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
        return answer

    async def file(self, request: web.Request) -> web.FileResponse:
        """One of the page's parts; any other name is 404."""
        query_of(request)
        name = request.match_info["file"]
        if name not in FILES:
            raise web.HTTPNotFound
        return _file(name, FILES[name])


def _json(document: bytes) -> web.Response:
    return web.Response(body=document, headers={**_HEADERS, hdrs.CONTENT_TYPE: JSON})


def _file(name: str, media_type: str) -> web.FileResponse:
    headers = {**_HEADERS, hdrs.CONTENT_TYPE: f"{media_type}; charset=utf-8"}
    return web.FileResponse(FOLDER / name, headers=headers)
