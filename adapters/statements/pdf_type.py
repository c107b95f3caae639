"""Type for PDFs: the fonts, and texts made to fit them.

The fonts are embedded, DejaVu Sans Condensed: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew,
Arabic and many symbols. Their licence lies beside them.
"""

from functools import cache
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from adapters.statements.plain_text import one_line

REGULAR: Final = "DejaVuSansCondensed"
BOLD: Final = "DejaVuSansCondensed-Bold"
_FOLDER: Final = Path(__file__).parent / "fonts"
_MAX_CODE: Final = 0xFFFF
_NO_GLYPH: Final = "\N{WHITE SQUARE}"


@cache
def load_fonts() -> frozenset[int]:
    """Makes the fonts known to reportlab: some 50 ms, once. The characters that can be shown."""
    regular, bold = [TTFont(name, str(_FOLDER / f"{name}.ttf")) for name in (REGULAR, BOLD)]
    pdfmetrics.registerFont(regular)
    pdfmetrics.registerFont(bold)
    # Beyond U+FFFF, reportlab 5.1 writes a ToUnicode map that readers cannot read.
    return frozenset(code for code in regular.face.charToGlyph if code <= _MAX_CODE)


def width(text: str, size: float) -> float:
    """Of a text in the regular font, in points."""
    return float(pdfmetrics.stringWidth(text, REGULAR, size))


def showable(text: str) -> str:
    """`text` on one line, with a square for each character that cannot be shown."""
    text = one_line(text)
    if text.isascii():
        return text
    glyphs = load_fonts()
    return "".join([one if ord(one) in glyphs else _NO_GLYPH for one in text])


def lines_of(text: str, size: float, max_width: float) -> list[str]:
    """`text` in lines that fit, broken at spaces where there are any; nothing is cut."""
    text, lines = showable(text), []
    while text:
        fitting = _fitting(text, size, max_width)
        space = text.rfind(" ", 1, fitting + 1) if fitting < len(text) else -1
        end = fitting if space < 0 else space
        lines.append(text[:end])
        text = text[end:].lstrip(" ")
    return lines


def _fitting(text: str, size: float, max_width: float) -> int:
    """How many characters of `text` fit in a line: one at least."""
    if width(text, size) <= max_width:
        return len(text)
    used = 0.0
    for index, character in enumerate(text):
        used += width(character, size)
        if used > max_width:
            return max(index, 1)
    return len(text)
