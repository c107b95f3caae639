"""How much the streams of one process may take."""

from dataclasses import dataclass
from typing import Final

MAX_RUN_EVENTS: Final = 500
"""Events that are read at once."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """`queue_...` is what may wait for one stream; `history_...` what is kept for those that join.

    All of the history fits into a queue.
    """

    max_streams: int
    max_catch_ups: int
    """Streams that read for themselves what was told before they came."""
    queue_events: int = 2_000
    queue_bytes: int = 4 << 20
    history_events: int = 1_000
    history_bytes: int = 2 << 20
    catch_up_seconds: float = 20.0
    """For a stream that catches up to take what waits for it."""
