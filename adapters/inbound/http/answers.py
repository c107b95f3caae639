"""JSON answers."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import hdrs, web

SERVER: Final = "counterfoil"
"""Instead of the versions of Python and aiohttp."""
JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"
_encoder: Final = msgspec.json.Encoder()
_NO_HEADERS: Final[Mapping[str, str]] = {}


def json_answer(
    body: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] = _NO_HEADERS,
    content_type: str = JSON,
) -> web.Response:
    """An answer that no cache keeps: balances are true for a moment only."""
    all_headers: dict[str, str] = {
        hdrs.CONTENT_TYPE: content_type,
        hdrs.CACHE_CONTROL: "no-store",
        hdrs.SERVER: SERVER,
    }
    all_headers.update(headers)
    return web.Response(body=_encoder.encode(body), status=status, headers=all_headers)
