"""The product's limits, so small that a world of a few dozen commands meets them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from types import ModuleType
from typing import Final
from unittest.mock import patch

from adapters import position_watch
from adapters.inbound.webhooks import courier, dispatch, intake
from adapters.inbound.worker import publisher
from core.entities.webhooks import schedule
from core.usecases import take_over

SCHEDULE: Final = tuple(
    timedelta(seconds=seconds) for seconds in (0, 0.2, 0.4, 0.8, 1.6, 3, 3, 3, 3, 3)
)
"""Of calls that failed: longer than all the faults of a world."""

_LIMITS: Final[tuple[tuple[ModuleType, str, object], ...]] = (
    (publisher, "MAX_UNTOLD_PAGES", 3),
    (publisher, "MAX_TOLD_AT_ONCE", 8),
    (take_over, "MAX_OFFSETS_TOLD_AT_ONCE", 3),
    (courier, "MAX_CLAIMED", 4),
    (courier, "_SLACK_SECONDS", 1.0),
    (schedule, "SCHEDULE", SCHEDULE),
    (schedule, "PAUSES", SCHEDULE[1:]),
    # Polls as often as in life would be most of what happens.
    (position_watch, "POLL_SECONDS", 0.06),
    (dispatch, "LOOK_SECONDS", 1.5),
    (intake, "STAND_BY_SECONDS", 3.0),
)


@contextmanager
def small_limits() -> Iterator[None]:
    """Meanwhile they hold."""
    with ExitStack() as stack:
        for module, name, limit in _LIMITS:
            stack.enter_context(patch.object(module, name, limit))
        yield
