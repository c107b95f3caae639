"""`Accept`, as RFC 9110 and browsers have it."""

import pytest

from adapters.statements.negotiation import JSON, format_for
from tests.unit.statements.examples import FORMATS


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("text/csv", "csv"),
        ("TEXT/CSV", "csv"),
        ("text/csv; charset=utf-8", "csv"),
        ("application/pdf", "pdf"),
        ("application/x-ofx", "ofx"),
        ("application/xml", "camt053"),
        ("text/x-hledger", "hledger"),
        ("text/*", "csv"),
        ("application/*", JSON),
        ("text/csv, application/json", JSON),
        ("text/csv, */*;q=0.1", "csv"),
        ("text/csv;q=0.5, application/pdf;q=0.8", "pdf"),
        ("text/csv ; q=0.5 , application/pdf ; Q=0.501", "pdf"),
        ("application/json;q=0, */*", "csv"),
        ("text/csv;q=0, text/*", "hledger"),
        ("text/csv;q=0", JSON),
        ("image/png", JSON),
        ("text/csv;q=2", JSON),
        ("text/csv;q=-1, application/pdf", "pdf"),
        ("text/csv;q=nan", JSON),
        ('text/plain;note="a,application/pdf", text/csv', "csv"),
        ("garbage;;;,,,=", JSON),
        ("text/csv," + "x" * 2_000, JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
    ],
)
def test_the_best_of_ours_is_chosen(accept: str, name: str) -> None:
    assert format_for([accept] if accept else [], FORMATS) == name


def test_several_lines_are_one_list() -> None:
    assert format_for(["text/csv;q=0.1", "application/pdf"], FORMATS) == "pdf"
