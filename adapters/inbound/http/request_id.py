"""The id that follows a request through answers, logs and records."""

import re
import secrets
from collections.abc import Mapping
from typing import Final

from aiohttp import web

X_REQUEST_ID: Final = "X-Request-Id"
REQUEST_ID: Final = web.RequestKey("request_id", str)
_SANE: Final = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)


def request_id_from(headers: Mapping[str, str]) -> str:
    """The client's id, where it is fit to be written anywhere; otherwise a new one."""
    given = headers.get(X_REQUEST_ID)
    return given if given is not None and is_request_id(given) else new_request_id()


def is_request_id(text: str) -> bool:
    """Whether it is fit to be written anywhere."""
    return _SANE.fullmatch(text) is not None


def new_request_id() -> str:
    """128 random bits."""
    return secrets.token_hex(16)
