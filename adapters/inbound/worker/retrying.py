"""Trying again, for as long as it takes, what failed because a dependency is away."""

from collections.abc import Callable
from typing import Final

import stamina

from core.errors import UnavailableError

FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 5.0
JITTER_SECONDS: Final = 0.5

# No error of a dependency condemns a record, so there is no last attempt.
_CALLER: Final = stamina.AsyncRetryingCaller(
    attempts=None,
    timeout=None,
    wait_initial=FIRST_WAIT_SECONDS,
    wait_max=LONGEST_WAIT_SECONDS,
    wait_jitter=JITTER_SECONDS,
)


def _nobody(_: Exception) -> None:
    """Nobody counts."""


class Retries:
    """Trying again, and telling somebody of every error that is the reason for it.

    `await until_available(function, *args)`: its result, once no dependency is in the way.
    """

    def __init__(self, told: Callable[[Exception], None] = _nobody) -> None:
        self.told = told
        self.until_available: Final = _CALLER.on(self._is_passing)

    def _is_passing(self, error: Exception) -> bool:
        if not isinstance(error, UnavailableError):
            return False
        self.told(error)
        return True


until_available: Final = Retries().until_available
"""Of which nobody is told."""
