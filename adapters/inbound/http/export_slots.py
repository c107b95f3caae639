"""How many files may be under way at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.problem_codes import ProblemCode
from adapters.inbound.http.problems import RETRY_AFTER, Problem, ProblemError

DRAWN: Final = frozenset({"pdf"})
"""Formats of which nothing is sent before all is drawn."""


class ExportSlots:
    """Refuses a file where enough are under way: whoever waited would not know how long."""

    def __init__(self, limits: HttpLimits) -> None:
        self._free = limits.max_exports
        self._free_drawn = limits.max_drawn_exports

    @contextmanager
    def taken(self, name: str) -> Iterator[None]:
        """A slot for a file of the format `name`. Raises `ProblemError`."""
        drawn = int(name in DRAWN)
        if self._free < 1 or self._free_drawn < drawn:
            raise ProblemError(
                Problem(
                    503,
                    ProblemCode.TOO_MANY_EXPORTS,
                    "Enough statements and receipts are being made. Try again soon.",
                    headers=RETRY_AFTER,
                )
            )
        self._free -= 1
        self._free_drawn -= drawn
        try:
            yield
        finally:
            self._free += 1
            self._free_drawn += drawn
