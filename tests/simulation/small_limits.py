"""The product's limits, so small that a world of a few dozen commands meets them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Final
from unittest.mock import patch

from adapters import position_watch
from adapters.inbound.worker import publisher
from core.usecases import take_over

_LIMITS: Final[tuple[tuple[ModuleType, str, object], ...]] = (
    (publisher, "MAX_UNTOLD_PAGES", 3),
    (publisher, "MAX_TOLD_AT_ONCE", 8),
    (take_over, "MAX_OFFSETS_TOLD_AT_ONCE", 3),
    # Polls as often as in life would be most of what happens.
    (position_watch, "POLL_SECONDS", 0.06),
)


@contextmanager
def small_limits() -> Iterator[None]:
    """Meanwhile they hold."""
    with ExitStack() as stack:
        for module, name, limit in _LIMITS:
            stack.enter_context(patch.object(module, name, limit))
        yield
