"""The list of currencies."""

from typing import Protocol

from core.entities.money import Currency


class Currencies(Protocol):
    """ISO 4217 as far as it has minor units. Records carry minor units, so a later edition of
    the list changes no replay.
    """

    def find(self, code: str) -> Currency | None:
        """The currency with this upper-case alphabetic code; None if there is none that has
        minor units.
        """
        ...
