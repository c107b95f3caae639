"""The bytes of a JSON request's body: of bounded size, in bounded time."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiohttp import hdrs, web

from adapters.inbound.http.answers import JSON
from adapters.inbound.http.problem_codes import ProblemCode
from adapters.inbound.http.problems import Problem, ProblemError

_CHUNKED: Final = "chunked"
_ENCODED: Final = Problem(
    415,
    ProblemCode.UNSUPPORTED_CONTENT_ENCODING,
    "Content-Encoding must not be used.",
    {"field": "Content-Encoding"},
    {hdrs.ACCEPT_ENCODING: "identity"},
)
_TOO_SLOW: Final = Problem(
    408,
    ProblemCode.BODY_TIMEOUT,
    "The body did not arrive in time.",
    {"field": "body"},
    {hdrs.CONNECTION: "close"},
)
_BADLY_FRAMED: Final = Problem(
    400,
    ProblemCode.MALFORMED_REQUEST,
    "The body is not framed as HTTP/1.1 wants it, or was cut short.",
    {"field": "body"},
    {hdrs.CONNECTION: "close"},
)


async def body_bytes(
    request: web.Request,
    max_bytes: int,
    seconds: float,
    media_types: Sequence[str] = (JSON,),
) -> bytes:
    """The whole body of a request that says it is of one of these types. Raises `ProblemError`."""
    _refuse_foreign(request, media_types)
    declared = request.content_length
    if declared is not None and declared > max_bytes:
        raise _too_large(max_bytes)
    content = request.content
    if content.is_eof() and content.exception() is None:
        # Most bodies came together with their head: no deadline has to be set up.
        body = content.read_nowait()
    else:
        body = await _read_in_time(request, max_bytes, seconds)
    if len(body) > max_bytes:
        raise _too_large(max_bytes)
    return body


def _refuse_foreign(request: web.Request, media_types: Sequence[str]) -> None:
    headers = request.headers
    # The parser reads chunks, and leaves what was done to the body before that to us.
    if headers.get(hdrs.TRANSFER_ENCODING, _CHUNKED).lower() != _CHUNKED:
        raise ProblemError(_BADLY_FRAMED)
    if hdrs.CONTENT_ENCODING in headers:
        raise ProblemError(_ENCODED)
    given = headers.get(hdrs.CONTENT_TYPE, "")
    if given not in media_types and not _is_one_of(given, media_types):
        raise ProblemError(_foreign(media_types))


def _is_one_of(content_type: str, media_types: Sequence[str]) -> bool:
    media_type, *parameters = content_type.lower().split(";")
    if media_type.strip() not in media_types:
        return False
    return all(_allowed(*parameter.partition("=")[::2]) for parameter in parameters)


def _allowed(name: str, value: str) -> bool:
    return name.strip() != "charset" or value.strip().strip('"') in {"utf-8", "utf8"}


async def _read_in_time(request: web.Request, max_bytes: int, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, max_bytes)
    except TimeoutError:
        raise ProblemError(_TOO_SLOW) from None
    except (ConnectionError, RuntimeError, web.RequestPayloadError) as error:
        # aiohttp says RuntimeError when the connection was lost before reading began.
        raise ProblemError(_BADLY_FRAMED) from error


async def _read(request: web.Request, max_bytes: int) -> bytes:
    body = bytearray()
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


def _foreign(media_types: Sequence[str]) -> Problem:
    return Problem(
        415,
        ProblemCode.UNSUPPORTED_MEDIA_TYPE,
        f"Content-Type must be {' or '.join(media_types)}, in UTF-8.",
        {"field": "Content-Type"},
        {hdrs.ACCEPT: ", ".join(media_types)},
    )


def _too_large(max_bytes: int) -> ProblemError:
    detail = f"The body must be at most {max_bytes} bytes long."
    return ProblemError(Problem(413, ProblemCode.BODY_TOO_LARGE, detail, {"field": "body"}))
