"""PDF, as pypdf and PDFium read it."""

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pypdfium2
import pytest
from pypdf import PdfReader

from adapters.statements.pdf_format import MAX_PDF_ENTRIES
from adapters.statements.pdf_type import lines_of, load_fonts, width
from core.entities.statement import StatementEntry, StatementHead
from core.refusals import InvalidFieldError
from tests.builders import NOON
from tests.unit.statements.examples import (
    FORMATS,
    LONGEST_USER_ID,
    NASTY_REFERENCES,
    head_of,
    history,
    nasty_history,
    runs_of,
    written,
)

TITLES: Final = "Date (UTC)\nWhat\nAmount (USD)\nBalance\n"


async def pages_of(head: StatementHead, entries: Sequence[StatementEntry] = ()) -> list[str]:
    """The text of each page."""
    reader = PdfReader(io.BytesIO(await written("pdf", head, entries)), strict=True)
    return [page.extract_text() for page in reader.pages]


async def test_a_person_reads_whose_account_it_is_and_what_was_in_it() -> None:
    entries = history(opening_balance=-700)
    since, until = NOON - timedelta(days=1), NOON + timedelta(days=2)
    (page,) = await pages_of(
        head_of(entries, opening_balance=-700, since=since, until=until), entries
    )
    for name, fact in (
        ("Account holder", "alice"),
        ("Currency", "USD"),
        ("Period", "2026-01-30 12:00:00 to 2026-02-02 12:00:00 (UTC, end not included)"),
        ("Produced", "2026-03-02 12:00:00 (UTC)"),
        ("Entries", "4"),
        ("Opening balance", "-7.00 USD"),
        ("Closing balance", "-7.00 USD"),
    ):
        assert f"{name}\n{fact}\n" in page


async def test_every_entry_has_a_row() -> None:
    entries = history(references=("order 17", None))
    (page,) = await pages_of(head_of(entries), entries)
    rows = page.partition(TITLES)[2]
    assert rows.startswith(
        "Opening balance\n0.00\n"
        "1\n2026-01-31 12:00:00\n100.50\n100.50\nTransfer from bob\norder 17\n"
        "2\n2026-01-31 13:00:00\n-200.00\n-99.50\nWithdrawal\n"
        "3\n2026-01-31 14:00:00\n0.01\n-99.49\nTransfer from bob\norder 17\n"
    )


async def test_the_end_has_the_totals_of_money_in_and_out() -> None:
    entries = history()
    (page,) = await pages_of(head_of(entries), entries)
    assert "Money in\n200.00\nMoney out\n-200.00\nClosing balance\n0.00\n" in page


async def test_every_page_has_the_titles_and_its_number_of_all() -> None:
    entries = history([1] * 250)
    pages = await pages_of(head_of(entries), entries)
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert page.count(TITLES) == 1
        assert page.rstrip().endswith(f"Page {number} of \n{len(pages)}")
    rows = "".join(pages)
    assert [rows.count(f"\n{one / 100:.2f}\n") >= 1 for one in range(2, 251)] == [True] * 249


async def test_an_empty_period_is_one_page() -> None:
    (page,) = await pages_of(head_of((), opening_balance=-5))
    assert "Entries\n0\nOpening balance\n-0.05 USD\nClosing balance\n-0.05 USD\n" in page
    assert "Money in\n0.00\nMoney out\n0.00\n" in page


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "10050"), ("KWD", "10.050")])
async def test_amounts_have_their_currencys_decimals(currency: str, amount: str) -> None:
    entries = history()
    (page,) = await pages_of(head_of(entries, currency=currency), entries)
    assert f"\n1\n2026-01-31 12:00:00\n{amount}\n{amount}\n" in page


async def test_texts_are_shown_whole_with_squares_for_what_the_font_has_not() -> None:
    entries = nasty_history()
    pages = await pages_of(head_of(entries, user_id=LONGEST_USER_ID), entries)
    text = "\n".join(pages)
    joined = text.replace("\n", "")
    assert LONGEST_USER_ID in joined
    assert all(f"USD\n{LONGEST_USER_ID[:20]}" in page for page in pages)
    assert "x" * 128 in joined
    assert "]]>&amp;<b>\"'</STMTTRN>" in text
    assert "one two three four five" in text
    assert "bell \ufffd, escape \ufffd, delete \ufffd, not a character \ufffd \ufffd" in text
    assert "□□ □ □ é Ж" in text
    assert "W" * 40 + "□" * 87 in joined


async def test_amounts_end_at_one_line_and_nothing_leaves_the_page() -> None:
    entries = nasty_history()
    document = pypdfium2.PdfDocument(await written("pdf", head_of(entries), entries))
    right_ends = set()
    for page in document:
        text = page.get_textpage()
        page_width, page_height = page.get_size()
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            assert left >= 40
            assert right <= page_width - 40
            assert bottom >= 30
            assert top <= page_height - 30
            if text.get_text_bounded(left, bottom, right, top).strip() in {"1.11", "-2.22"}:
                right_ends.add(round(right))
        text.close()
        page.close()
    document.close()
    assert len(right_ends) == 2, "one for the amounts, one for the balances"


async def test_a_page_is_no_blank_paper() -> None:
    entries = history()
    document = pypdfium2.PdfDocument(await written("pdf", head_of(entries), entries))
    page = document[0]
    picture = page.render(scale=1, grayscale=True).to_pil()
    page.close()
    document.close()
    assert picture.getextrema()[0] < 64, "black on white"
    assert picture.getpixel((5, 5)) == 255


async def test_more_entries_than_it_may_have_are_refused_before_any_is_read() -> None:
    entries = history([1])
    most = head_of(entries)._replace(last_sequence=MAX_PDF_ENTRIES)
    runs = runs_of(entries)
    FORMATS["pdf"].write(most, runs)
    with pytest.raises(InvalidFieldError, match=r"20001.*csv"):
        FORMATS["pdf"].write(most._replace(last_sequence=MAX_PDF_ENTRIES + 1), runs)
    assert await anext(runs) == entries


@pytest.mark.parametrize("text", [*NASTY_REFERENCES, "", "a" * 300, "ab " * 100, " " * 100])
def test_lines_fit_and_lose_nothing_but_spaces(text: str) -> None:
    load_fonts()
    lines = lines_of(text, 8, 100)
    assert all(width(line, 8) <= 100 for line in lines)
    shown = "".join(lines_of(text, 8, 1e9))
    assert "".join(lines).replace(" ", "") == shown.replace(" ", "")
