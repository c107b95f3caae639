"""Single texts that clients write: amounts, keys, ids, positions, times, headers."""

import re
from datetime import UTC
from decimal import Decimal
from fractions import Fraction
from typing import Final

from adapters.inbound.http.idempotency_key import idempotency_key, unquoted
from adapters.inbound.http.prefer import MAX_WAIT_SECONDS, preferred_wait
from adapters.inbound.http.query import limit_in, time_in
from adapters.inbound.http.request_id import X_REQUEST_ID, request_id_from
from adapters.representations import time_text
from adapters.statements.negotiation import JSON, format_for
from core.entities.command import MAX_IDEMPOTENCY_KEY_CHARACTERS
from core.entities.feed_bookmark import FeedBookmark
from core.entities.money import (
    MAX_AMOUNT_MINOR_UNITS,
    Currency,
    InvalidAmountError,
    parse_decimal,
    plain,
)
from core.refusals import InvalidFieldError, TransactionNotFoundError
from core.usecases.checks import our_id
from tests.fuzz.decoders.checking import CHECKS
from tests.unit.statements.examples import FORMATS

_CURRENCIES: Final = [Currency("JPY", 0), Currency("USD", 2), Currency("KWD", 3)]
_SANE_REQUEST_ID: Final = re.compile("[A-Za-z0-9._-]{1,128}")


def text_of(data: bytes) -> str:
    """Any bytes as text: what is no UTF-8 becomes lone surrogates, which JSON can bring, too."""
    return data.decode("utf-8", "surrogateescape")


def read_amount(data: bytes) -> None:
    """What is read is what was written, in whole minor units, and can be read again."""
    text = text_of(data)
    for currency in _CURRENCIES:
        try:
            units = currency.parse(text)
        except InvalidAmountError:
            continue
        assert 1 <= units <= MAX_AMOUNT_MINOR_UNITS
        assert Fraction(units) == Fraction(text) * 10**currency.exponent
        assert currency.parse(currency.format(units)) == units
        assert currency.parse_limit(text) == units
    try:
        amount = parse_decimal(text)
    except InvalidAmountError:
        return
    assert amount > 0
    assert Decimal(plain(amount)) == amount


def read_key(data: bytes) -> None:
    """A key is visible ASCII, and the same when it is quoted."""
    lines = text_of(data).split("\n")
    try:
        key = CHECKS.idempotency_key(idempotency_key(lines))
    except InvalidFieldError:
        key = None
    if key is not None:
        assert 1 <= len(key) <= MAX_IDEMPOTENCY_KEY_CHARACTERS
        assert all("!" <= character <= "~" for character in key)
        assert idempotency_key([_quoted(key)]) == key
    try:
        CHECKS.stored_key(unquoted(lines[0]))
    except InvalidFieldError:
        return


def _quoted(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def read_id(data: bytes) -> None:
    """An id that is taken is written in the one way in which ids are written."""
    text = text_of(data)
    try:
        assert str(our_id(text, TransactionNotFoundError)) == text.lower()
    except TransactionNotFoundError:
        return


def read_position(data: bytes) -> None:
    """A position is of a partition that exists."""
    try:
        position = CHECKS.position(text_of(data))
    except InvalidFieldError:
        return
    assert position is not None
    assert position.partition < CHECKS.partition_count
    assert CHECKS.position(str(position)) == position


def read_query(data: bytes) -> None:
    """Times are in UTC and stay what they are when they are written; limits are small."""
    text = text_of(data)
    try:
        time = time_in({"at": text}, "at")
        assert time is not None
        assert time.tzinfo is UTC
        assert time_in({"at": time_text(time)}, "at") == time
    except InvalidFieldError:
        time = None
    try:
        assert 1 <= CHECKS.limit(limit_in({"limit": text})) <= 1_000
    except InvalidFieldError:
        return


def read_headers(data: bytes) -> None:
    """What is not understood is ignored; a request's id is fit to be written anywhere."""
    lines = text_of(data).split("\n")
    wait = preferred_wait(lines)
    assert wait is None or 0 <= wait <= MAX_WAIT_SECONDS
    assert format_for(lines, FORMATS) in {JSON, *FORMATS}
    assert _SANE_REQUEST_ID.fullmatch(request_id_from({X_REQUEST_ID: lines[0]}))


def read_bookmark(data: bytes) -> None:
    """A bookmark is written in the one way in which bookmarks are written."""
    text = text_of(data)
    try:
        bookmark = FeedBookmark.parse(text)
    except ValueError:
        return
    assert str(bookmark) == text
    assert 1 <= len(bookmark.next_offsets) <= 4_096
    assert all(0 <= offset < 2**63 for offset in bookmark.next_offsets)
