"""Trying again, for as long as it takes, what failed because a dependency is away."""

from typing import Final

import stamina

from core.errors import UnavailableError

FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 5.0
JITTER_SECONDS: Final = 0.5

# No error of a dependency condemns a record, so there is no last attempt.
until_available: Final = stamina.AsyncRetryingCaller(
    attempts=None,
    timeout=None,
    wait_initial=FIRST_WAIT_SECONDS,
    wait_max=LONGEST_WAIT_SECONDS,
    wait_jitter=JITTER_SECONDS,
).on(UnavailableError)
"""`await until_available(function, *args)`: its result, once no dependency is in the way."""
