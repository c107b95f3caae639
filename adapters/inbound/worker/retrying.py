"""Trying again, for as long as it takes, what failed because a dependency is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar

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


P = ParamSpec("P")
T = TypeVar("T")


def _nobody(_: Exception) -> None:
    """Nobody counts."""


class Retries:
    """Trying again, and telling somebody of every error that is the reason for it."""

    def __init__(self, told: Callable[[Exception], None] = _nobody) -> None:
        self.told = told
        self._again = _CALLER.on(self._is_passing)

    async def until_available(
        self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The result of `function`, once no dependency is in the way."""
        # Every page comes this way, and what stamina makes for a call is fifty objects in cycles.
        try:
            return await function(*args, **kwargs)
        except UnavailableError as error:
            self.told(error)
        await asyncio.sleep(FIRST_WAIT_SECONDS)
        return await self._again(function, *args, **kwargs)

    def _is_passing(self, error: Exception) -> bool:
        if not isinstance(error, UnavailableError):
            return False
        self.told(error)
        return True


class Attempts:
    """What one task tries, again and again where it must. `failing` says what is in its way."""

    def __init__(self, retries: Retries) -> None:
        self.failing: str | None = None
        self._retries = retries

    async def until_available(
        self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The result of `function`. Until there is one `failing` tells of it, and then again of
        what it told before.
        """
        failing = self.failing

        async def attempt() -> T:
            try:
                return await function(*args, **kwargs)
            except UnavailableError as error:
                self.failing = str(error)
                raise

        result = await self._retries.until_available(attempt)
        self.failing = failing
        return result


until_available: Final = Retries().until_available
"""Of which nobody is told."""
