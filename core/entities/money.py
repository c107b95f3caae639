"""Amounts of money: integers of minor units, read exactly as they were written."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

MAX_AMOUNT_MINOR_UNITS: Final = 10**16
MAX_BALANCE_MINOR_UNITS: Final = 2**63 - 1
MAX_AMOUNT_CHARACTERS: Final = 64
"""Bounds the arithmetic on a hostile amount before any arithmetic is done."""

# The number grammar of JSON (RFC 8259, section 6). `Decimal` alone would also take
# "NaN", " 1.5 ", "1_000" and digits of other scripts.
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_CURRENCY_CODE: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_MAX_EXPONENT: Final = 40
_OUT_OF_RANGE: Final = f"must be between 1e-{_MAX_EXPONENT} and 1e{_MAX_EXPONENT}"


class InvalidAmountError(ValueError):
    """The text is not an amount of this currency. Its message says why, for the client."""


class Money(NamedTuple):
    """So many minor units of a currency. Its exponent goes along, so that what was written today
    is read the same when a later list of currencies says otherwise.
    """

    amount: int
    currency: str
    exponent: int


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency that has minor units.

    `code` is the upper-case alphabetic code; `exponent` the number of decimals (EUR 2, JPY 0).
    """

    code: str
    exponent: int

    def parse(self, text: str) -> int:
        """Minor units in `text`, a JSON number: `100.5`, `100.50` and `1.005e2` are one amount.

        Raises `InvalidAmountError` for anything but a positive amount of at most 10^16 minor
        units, written with no more decimals than the currency has (trailing zeros aside).
        """
        return self._minor_units(parse_decimal(text))

    def parse_limit(self, text: str) -> int:
        """The same, but zero is allowed."""
        amount = _decimal(text)
        if amount < 0:
            raise InvalidAmountError("must not be less than zero")
        return 0 if amount == 0 else self._minor_units(amount)

    def format(self, minor_units: int) -> str:
        """`minor_units` as a decimal string with all of the currency's decimals: "-0.05"."""
        digits, exponent = str(minor_units), self.exponent
        if exponent == 0:
            return digits
        if len(digits) < exponent + 2:
            digits = digits.zfill(exponent + 1 + (minor_units < 0))
        return f"{digits[:-exponent]}.{digits[-exponent:]}"

    def _minor_units(self, amount: Decimal) -> int:
        units = minor_units(amount, self.exponent)
        if units is None:
            raise InvalidAmountError(
                f"has more than the {self.exponent} decimals that {self.code} has"
            )
        if units > MAX_AMOUNT_MINOR_UNITS:
            raise InvalidAmountError(
                f"must be at most {self.format(MAX_AMOUNT_MINOR_UNITS)} {self.code}"
            )
        return units


def is_currency_code(text: str) -> bool:
    """True for what looks like an alphabetic code of ISO 4217, whether or not it is one."""
    return _CURRENCY_CODE.fullmatch(text) is not None


def parse_decimal(text: str) -> Decimal:
    """The positive number in `text`, a JSON number. Raises `InvalidAmountError`."""
    return _positive(_decimal(text))


def minor_units(amount: Decimal, exponent: int) -> int | None:
    """`amount` in units of which 10^`exponent` make one; None if it is no whole number of them."""
    _, digits, scale = amount.as_tuple()
    shift = int(scale) + exponent
    whole = int("".join(map(str, digits)))
    if shift >= 0:
        return int(whole * 10**shift)
    # A text is at most 64 characters long, yet "1e-9999" shifts by thousands of places.
    whole, rest = divmod(whole, 10 ** min(-shift, 2 * MAX_AMOUNT_CHARACTERS))
    return None if rest else whole


def plain(amount: Decimal) -> str:
    """The one way to write a number of these: without exponent and trailing zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_AMOUNT_CHARACTERS:
        raise InvalidAmountError(f"must be at most {MAX_AMOUNT_CHARACTERS} characters long")
    if not _JSON_NUMBER.fullmatch(text):
        raise InvalidAmountError("must be a decimal number, such as 100.50")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        # Well-formed as JSON, yet its exponent is beyond what Decimal can hold.
        raise InvalidAmountError(_OUT_OF_RANGE) from None
    if amount and not -_MAX_EXPONENT <= amount.adjusted() <= _MAX_EXPONENT:
        raise InvalidAmountError(_OUT_OF_RANGE)
    return amount


def _positive(amount: Decimal) -> Decimal:
    if amount <= 0:
        raise InvalidAmountError("must be greater than zero")
    return amount
