"""Text from elsewhere, fit to be printed: it moves no cursor, hides nothing, and has an end."""

import re
import unicodedata
from typing import Final

import msgspec

MAX_SHOWN_CHARACTERS: Final = 600
_UNFIT_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control and format characters (escape sequences, reversed writing), surrogates, line ends."""
_REPLACEMENT: Final = "�"
_UNFIT_IN_JSON: Final = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
_encoder: Final = msgspec.json.Encoder(decimal_format="number")


def safe_text(value: object) -> str:
    """`value` in one bounded line without control characters; nothing for None."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json_text(value)
    if len(text) > MAX_SHOWN_CHARACTERS:
        text = text[:MAX_SHOWN_CHARACTERS] + "…"
    return printable(text)


def printable(text: str, kept: str = "") -> str:
    """The text with a replacement for each control character but those of `kept`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character in kept or unicodedata.category(character) not in _UNFIT_CATEGORIES
        else _REPLACEMENT
        for character in text
    )


def json_text(value: object) -> str:
    """`value` as JSON on one line, equal in meaning; what no terminal should see is escaped."""
    return _UNFIT_IN_JSON.sub(
        lambda match: f"\\u{ord(match[0]):04x}", _encoder.encode(value).decode()
    )
