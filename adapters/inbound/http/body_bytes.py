"""The bytes of a JSON request's body: of bounded size, in bounded time."""

import asyncio
from typing import Final

from aiohttp import hdrs, web

from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.problems import Problem, ProblemError

_NOT_JSON: Final = Problem(
    415,
    "unsupported_media_type",
    "Content-Type must be application/json, in UTF-8.",
    {"field": "Content-Type"},
    {hdrs.ACCEPT: "application/json"},
)
_ENCODED: Final = Problem(
    415,
    "unsupported_content_encoding",
    "Content-Encoding must not be used.",
    {"field": "Content-Encoding"},
    {hdrs.ACCEPT_ENCODING: "identity"},
)
_TOO_SLOW: Final = Problem(
    408,
    "body_timeout",
    "The body did not arrive in time.",
    {"field": "body"},
    {hdrs.CONNECTION: "close"},
)
_CUT_SHORT: Final = Problem(
    400,
    "malformed_request",
    "The body is not framed as HTTP/1.1 wants it, or was cut short.",
    {"field": "body"},
    {hdrs.CONNECTION: "close"},
)


async def body_bytes(request: web.Request, limits: HttpLimits) -> bytes:
    """The whole body of a request that says it is JSON. Raises `ProblemError`."""
    _refuse_foreign(request)
    declared = request.content_length
    if declared is not None and declared > limits.max_body_bytes:
        raise _too_large(limits)
    content = request.content
    if content.is_eof() and content.exception() is None:
        # Most bodies came together with their head: no deadline has to be set up.
        body = content.read_nowait()
    else:
        body = await _read_in_time(request, limits)
    if len(body) > limits.max_body_bytes:
        raise _too_large(limits)
    return body


def _refuse_foreign(request: web.Request) -> None:
    headers = request.headers
    if hdrs.CONTENT_ENCODING in headers:
        raise ProblemError(_ENCODED)
    given = headers.get(hdrs.CONTENT_TYPE, "")
    if given != "application/json" and not _is_json(given):
        raise ProblemError(_NOT_JSON)


def _is_json(content_type: str) -> bool:
    media_type, *parameters = content_type.lower().split(";")
    if media_type.strip() != "application/json":
        return False
    return all(_allowed(*parameter.partition("=")[::2]) for parameter in parameters)


def _allowed(name: str, value: str) -> bool:
    return name.strip() != "charset" or value.strip().strip('"') in {"utf-8", "utf8"}


async def _read_in_time(request: web.Request, limits: HttpLimits) -> bytes:
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _read(request, limits)
    except TimeoutError:
        raise ProblemError(_TOO_SLOW) from None
    except (ConnectionError, RuntimeError, web.RequestPayloadError) as error:
        # aiohttp says RuntimeError when the connection was lost before reading began.
        raise ProblemError(_CUT_SHORT) from error


async def _read(request: web.Request, limits: HttpLimits) -> bytes:
    body = bytearray()
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > limits.max_body_bytes:
            raise _too_large(limits)
    return bytes(body)


def _too_large(limits: HttpLimits) -> ProblemError:
    detail = f"The body must be at most {limits.max_body_bytes} bytes long."
    return ProblemError(Problem(413, "body_too_large", detail, {"field": "body"}))
