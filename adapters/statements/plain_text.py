"""Clients' text made fit for formats that cannot hold all of it."""

import hashlib
import re
from typing import Final

from core.entities.account import MAX_USER_ID_CHARACTERS

_BREAKS: Final = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# XML 1.0, section 2.2, and the control characters that it allows but discourages.
_UNWRITABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_SHORTENED: Final = "~"
"""What no user id contains."""
_DIGEST_CHARACTERS: Final = 12


def one_line(text: str) -> str:
    """`text` without line breaks and tabs (a space instead) and without what XML 1.0 cannot hold
    (U+FFFD instead).
    """
    # Nothing of the kind is printable, and nearly every text is.
    if text.isprintable():
        return text
    return _UNWRITABLE.sub(_REPLACEMENT, _BREAKS.sub(" ", text))


def cut(text: str, max_characters: int) -> str:
    """`text`, or as much of it as fits with an ellipsis at its end."""
    return text if len(text) <= max_characters else text[: max_characters - 1] + _ELLIPSIS


def account_number(user_id: str, max_characters: int) -> str:
    """The user id where it fits; else its beginning, `~`, and a digest: the same for ever, and no
    other user's.
    """
    if len(user_id) <= min(max_characters, MAX_USER_ID_CHARACTERS):
        return user_id
    digest = hashlib.sha256(user_id.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{user_id[: max_characters - len(digest) - 1]}{_SHORTENED}{digest}"
