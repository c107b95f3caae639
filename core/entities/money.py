"""Amounts of money: integers of minor units, read exactly as they were written."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

MAX_AMOUNT_MINOR_UNITS: Final = 10**16
MAX_BALANCE_MINOR_UNITS: Final = 2**63 - 1
MAX_AMOUNT_CHARACTERS: Final = 64
"""Bounds the arithmetic on a hostile amount before any arithmetic is done."""

# The number grammar of JSON (RFC 8259, section 6). `Decimal` alone would also take
# "NaN", " 1.5 ", "1_000" and digits of other scripts.
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_MAX_EXPONENT: Final = 40


class InvalidAmountError(ValueError):
    """The text is not an amount of this currency. Its message says why, for the client."""


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
        if len(text) > MAX_AMOUNT_CHARACTERS:
            raise InvalidAmountError(f"must be at most {MAX_AMOUNT_CHARACTERS} characters long")
        if not _JSON_NUMBER.fullmatch(text):
            raise InvalidAmountError("must be a decimal number, such as 100.50")
        amount = _decimal(text)
        if amount <= 0:
            raise InvalidAmountError("must be greater than zero")
        if amount.adjusted() > _MAX_EXPONENT:
            raise InvalidAmountError(self._too_large())
        return self._to_minor_units(amount)

    def format(self, minor_units: int) -> str:
        """`minor_units` as a decimal string with all of the currency's decimals: "-0.05"."""
        if minor_units < 0:
            return f"-{self.format(-minor_units)}"
        digits, exponent = str(minor_units), self.exponent
        if exponent == 0:
            return digits
        if len(digits) <= exponent:
            digits = digits.zfill(exponent + 1)
        return f"{digits[:-exponent]}.{digits[-exponent:]}"

    def _to_minor_units(self, amount: Decimal) -> int:
        _, digits, exponent = amount.as_tuple()
        shift = int(exponent) + self.exponent
        whole = int("".join(map(str, digits)))
        if shift < 0:
            # The text is at most 64 characters, yet "1e-9999" shifts by thousands of places.
            whole, rest = divmod(whole, 10 ** min(-shift, 2 * MAX_AMOUNT_CHARACTERS))
            if rest:
                raise InvalidAmountError(
                    f"has more than the {self.exponent} decimals that {self.code} has"
                )
            shift = 0
        minor_units: int = whole * 10**shift
        if minor_units > MAX_AMOUNT_MINOR_UNITS:
            raise InvalidAmountError(self._too_large())
        return minor_units

    def _too_large(self) -> str:
        return f"must be at most {self.format(MAX_AMOUNT_MINOR_UNITS)} {self.code}"


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        # Well-formed as JSON, yet its exponent is beyond what Decimal can hold.
        raise InvalidAmountError("must have a smaller exponent") from None
