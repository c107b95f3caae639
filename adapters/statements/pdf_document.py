"""The pages of a statement as a PDF."""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from adapters.statements.pdf_type import BOLD, REGULAR, lines_of, load_fonts
from adapters.statements.wording import wording
from core.entities.statement import StatementEntry, StatementHead

# All in points, from the lower left corner, as PDF has it.
_WIDTH, _HEIGHT = A4
_LEFT: Final = 42.0
_RIGHT: Final = _WIDTH - _LEFT
_TOP: Final = _HEIGHT - 50.0
_BOTTOM: Final = 60.0
_FOOT: Final = 36.0
_NUMBER: Final = _LEFT + 32.0
"""Where the entries' numbers end: by these, and the date, one is named."""
_DATE: Final = _NUMBER + 8.0
_WHAT: Final = _DATE + 84.0
"""Where the column that says what an entry was begins."""
_AMOUNT: Final = _RIGHT - 110.0
"""Where the amounts end; the balances end at the right margin."""
_WHAT_WIDTH: Final = 180.0
_FACT: Final = _LEFT + 88.0
_PAGE_COUNT_WIDTH: Final = 22.0

_TITLE_SIZE: Final = 16.0
_SIZE: Final = 8.0
_LEADING: Final = 10.5
_PADDING: Final = 3.0
_GREY: Final = 0.55
_RULE: Final = 0.4
_PAGE_COUNT: Final = "page-count"


class PdfDocument:
    """A statement that is drawn entry by entry. Keeps all of its pages until it is finished."""

    def __init__(self, head: StatementHead, amount: Callable[[int], str]) -> None:
        load_fonts()
        self._head = head
        self._amount = amount
        self._in = 0
        self._out = 0
        self._page = 1
        self._y = _TOP
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=A4, pageCompression=1)
        self._canvas.setTitle(f"Statement of {head.account.user_id} in {head.account.currency}")
        self._canvas.setCreator("Counterfoil")
        self._canvas.setAuthor("Counterfoil")
        self._canvas.setSubject("Account statement")
        self._draw_head()
        self._draw_column_titles()
        self._draw_opening()

    def add(self, entries: Sequence[StatementEntry]) -> None:
        """Draws a row for each entry."""
        for entry in entries:
            self._draw_row(entry)
            if entry.amount > 0:
                self._in += entry.amount
            else:
                self._out -= entry.amount

    def finished(self) -> bytes:
        """The file; nothing can be added any more."""
        self._draw_totals()
        self._draw_foot()
        self._canvas.showPage()
        # The pages before have referred to this by its name.
        self._canvas.beginForm(_PAGE_COUNT)
        self._canvas.setFont(REGULAR, _SIZE)
        self._canvas.drawString(0, 0, str(self._page))
        self._canvas.endForm()
        self._canvas.save()
        return self._file.getvalue()

    def _draw_head(self) -> None:
        head, amount = self._head, self._amount
        currency = head.account.currency
        self._canvas.setFont(BOLD, _TITLE_SIZE)
        self._canvas.drawString(_LEFT, self._y, "Account statement")
        self._y -= 2 * _LEADING
        for name, fact in (
            ("Account holder", head.account.user_id),
            ("Currency", currency),
            ("Period", f"{_time(head.starts_at)} to {_time(head.ends_at)} (UTC, end not included)"),
            ("Produced", f"{_time(head.produced_at)} (UTC)"),
            ("Entries", str(head.entry_count)),
            ("Opening balance", f"{amount(head.opening_balance)} {currency}"),
            ("Closing balance", f"{amount(head.closing_balance)} {currency}"),
        ):
            self._draw_fact(name, fact)
        self._y -= _LEADING

    def _draw_fact(self, name: str, fact: str) -> None:
        self._canvas.setFont(BOLD, _SIZE)
        self._canvas.drawString(_LEFT, self._y, name)
        self._canvas.setFont(REGULAR, _SIZE)
        for line in lines_of(fact, _SIZE, _RIGHT - _FACT):
            self._canvas.drawString(_FACT, self._y, line)
            self._y -= _LEADING
        self._y -= _PADDING

    def _draw_column_titles(self) -> None:
        self._canvas.setFont(BOLD, _SIZE)
        self._canvas.drawRightString(_NUMBER, self._y, "No.")
        self._canvas.drawString(_DATE, self._y, "Date (UTC)")
        self._canvas.drawString(_WHAT, self._y, "What")
        self._canvas.drawRightString(_AMOUNT, self._y, f"Amount ({self._head.account.currency})")
        self._canvas.drawRightString(_RIGHT, self._y, "Balance")
        self._y -= _PADDING
        self._draw_rule()
        self._y -= _LEADING

    def _draw_opening(self) -> None:
        self._canvas.setFont(REGULAR, _SIZE)
        self._canvas.drawString(_WHAT, self._y, "Opening balance")
        self._canvas.drawRightString(_RIGHT, self._y, self._amount(self._head.opening_balance))
        self._y -= _PADDING
        self._draw_rule()
        self._y -= _LEADING

    def _draw_row(self, entry: StatementEntry) -> None:
        lines = lines_of(wording(entry), _SIZE, _WHAT_WIDTH)
        if entry.reference is not None:
            lines += lines_of(entry.reference, _SIZE, _WHAT_WIDTH)
        self._make_room(len(lines))
        self._canvas.setFont(REGULAR, _SIZE)
        self._canvas.drawRightString(_NUMBER, self._y, str(entry.sequence))
        self._canvas.drawString(_DATE, self._y, _time(entry.posted_at))
        self._canvas.drawRightString(_AMOUNT, self._y, self._amount(entry.amount))
        self._canvas.drawRightString(_RIGHT, self._y, self._amount(entry.balance_after))
        for line in lines:
            self._canvas.drawString(_WHAT, self._y, line)
            self._y -= _LEADING
        self._y += _LEADING - _PADDING
        self._draw_rule()
        self._y -= _LEADING

    def _draw_totals(self) -> None:
        self._make_room(4)
        self._y -= _LEADING
        self._canvas.setFont(BOLD, _SIZE)
        for name, total in (("Money in", self._in), ("Money out", -self._out)):
            self._canvas.drawString(_WHAT, self._y, name)
            self._canvas.drawRightString(_AMOUNT, self._y, self._amount(total))
            self._y -= _LEADING
        self._canvas.drawString(_WHAT, self._y, "Closing balance")
        self._canvas.drawRightString(_RIGHT, self._y, self._amount(self._head.closing_balance))

    def _make_room(self, lines: int) -> None:
        """Turns the page if so many lines do not fit."""
        if self._y - lines * _LEADING >= _BOTTOM:
            return
        self._draw_foot()
        self._canvas.showPage()
        self._page += 1
        self._y = _TOP
        self._draw_column_titles()

    def _draw_foot(self) -> None:
        canvas, account = self._canvas, self._head.account
        canvas.setFont(REGULAR, _SIZE)
        canvas.drawString(_LEFT, _FOOT, account.currency)
        # Of a long user id, its beginning.
        canvas.drawString(_NUMBER, _FOOT, lines_of(account.user_id, _SIZE, _WHAT_WIDTH)[0])
        number_end = _RIGHT - _PAGE_COUNT_WIDTH
        canvas.drawRightString(number_end, _FOOT, f"Page {self._page} of ")
        canvas.saveState()
        canvas.translate(number_end, _FOOT)
        canvas.doForm(_PAGE_COUNT)
        canvas.restoreState()

    def _draw_rule(self) -> None:
        self._canvas.setStrokeGray(_GREY)
        self._canvas.setLineWidth(_RULE)
        self._canvas.line(_LEFT, self._y, _RIGHT, self._y)


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
