"""Where the next page of a list begins: opaque to clients, bound to the query that it continues."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Final

_SEPARATOR: Final = "\x1f"
MEANINGLESS: Final = "must be a next_cursor of an earlier answer to this same query"


def write_cursor(query: Sequence[str], place: Sequence[str]) -> str:
    """The cursor at `place` of `query`; no text of either contains control characters."""
    text = _SEPARATOR.join((_digest(query), *place))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(query: Sequence[str], text: str, parts: int) -> Sequence[str]:
    """The place, of so many parts. Raises `ValueError` for a cursor of anything else."""
    try:
        padded = text + "=" * (-len(text) % 4)
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise ValueError(MEANINGLESS) from None
    digest, *place = decoded.split(_SEPARATOR)
    if digest != _digest(query) or len(place) != parts:
        raise ValueError(MEANINGLESS)
    return place


def _digest(query: Sequence[str]) -> str:
    return hashlib.sha256(_SEPARATOR.join(query).encode()).hexdigest()[:16]
