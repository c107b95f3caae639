"""Trying again what failed for a moment: bounded, and no sooner than the service wants it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import stamina

from adapters.inbound.cli.answers import Problem

SHORTEST_RETRY_AFTER_SECONDS: Final = 0.1
LONGEST_RETRY_AFTER_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long, in seconds, a request is tried; None: as often as time allows."""

    attempts: int | None
    seconds: float
    first_wait_seconds: float = 0.2
    longest_wait_seconds: float = 5.0


OPERATOR_PATIENCE: Final = Patience(attempts=5, seconds=30.0)
"""Somebody sits and waits."""
IMPORT_PATIENCE: Final = Patience(attempts=None, seconds=300.0)
"""An import outlasts a restart of the service."""


class Failed(NamedTuple):
    """What is known of a try that failed."""

    reason: str
    may_have_been_accepted: bool
    retry_after_seconds: float | None = None
    problem: Problem | None = None


class TransientError(Exception):
    """One try failed; the next one may not."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.reason)
        self.failed = failed


def attempts(patience: Patience) -> AsyncIterator[stamina.Attempt]:
    """Tries, one after the other, while they end in `TransientError`; it raises the last one."""
    return aiter(
        stamina.retry_context(
            on=_pause,
            attempts=patience.attempts,
            timeout=patience.seconds,
            wait_initial=patience.first_wait_seconds,
            wait_max=patience.longest_wait_seconds,
            wait_jitter=patience.first_wait_seconds,
        )
    )


def retry_after_seconds(value: str | None) -> float | None:
    """The pause that a `Retry-After` (RFC 9110, section 10.2.3) in seconds asks for, bounded."""
    if value is None or not value.isascii() or not value.isdigit():
        return None
    asked = min(float(value[:9]), LONGEST_RETRY_AFTER_SECONDS)
    return max(asked, SHORTEST_RETRY_AFTER_SECONDS)


def _pause(error: Exception) -> bool | float:
    if not isinstance(error, TransientError):
        return False
    pause = error.failed.retry_after_seconds
    return True if pause is None else pause
