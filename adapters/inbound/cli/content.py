"""Bytes from elsewhere, as a terminal can show them."""

from collections.abc import Iterator, Sequence
from typing import Final

from adapters.inbound.cli.safe_text import printable

_BYTES_A_LINE: Final = 16
_FIRST_VISIBLE: Final = 0x20
_LAST_VISIBLE: Final = 0x7E


def content_lines(content: bytes) -> Sequence[str]:
    """Lines of text where the bytes are UTF-8, or else a line for every sixteen of them."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return list(_hexadecimal(content))
    return [printable(line) for line in text.split("\n")] if text else []


def _hexadecimal(content: bytes) -> Iterator[str]:
    for start in range(0, len(content), _BYTES_A_LINE):
        line = content[start : start + _BYTES_A_LINE]
        yield f"{start:08x}  {line.hex(' '):<{3 * _BYTES_A_LINE}} {_visible(line)}"


def _visible(line: bytes) -> str:
    return "".join(chr(byte) if _FIRST_VISIBLE <= byte <= _LAST_VISIBLE else "." for byte in line)
