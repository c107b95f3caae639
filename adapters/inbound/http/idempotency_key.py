"""The `Idempotency-Key` header (IETF draft): a structured-field string, or bare."""

import re
from collections.abc import Sequence
from typing import Final

from core.refusals import InvalidFieldError

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
# RFC 8941, section 3.3.3.
_QUOTED: Final = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_ESCAPED: Final = re.compile(r'\\(["\\])')


def idempotency_key(lines: Sequence[str]) -> str | None:
    """The key in the header's line, unquoted: `"abc"` and `abc` are one key. None without a line.

    Raises `InvalidFieldError` if it is given twice, or begins as a quoted string and is none.
    """
    if not lines:
        return None
    if len(lines) > 1:
        raise InvalidFieldError(IDEMPOTENCY_KEY, "must be given once")
    return unquoted(lines[0])


def unquoted(value: str) -> str:
    """The key as it is, without quotation marks around it. Raises `InvalidFieldError`."""
    if not value.startswith('"'):
        return value
    quoted = _QUOTED.fullmatch(value)
    if quoted is None:
        raise InvalidFieldError(IDEMPOTENCY_KEY, "must be a well-formed quoted string, or bare")
    return _ESCAPED.sub(r"\1", quoted[1])
