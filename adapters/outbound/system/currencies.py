"""ISO 4217, from the `iso4217` package."""

import iso4217

from core.entities.money import Currency


class IsoCurrencies:
    """`Currencies` of the packaged edition of ISO 4217."""

    def __init__(self) -> None:
        self._by_code = {
            one.code: Currency(one.code, one.exponent)
            for one in iso4217.Currency
            # Gold, the testing code and their like have no minor units, so no amounts.
            if one.exponent is not None
        }

    def find(self, code: str) -> Currency | None:
        """The currency with this code, if it has minor units."""
        return self._by_code.get(code)
