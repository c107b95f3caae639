"""How fast a count rises, and how long the rest of the work takes at that pace."""

import math
from collections import deque
from typing import Final

WINDOW_SECONDS: Final = 10.0
"""Long enough for pages that take a second, short enough to notice an end of posting."""
_STEP_SECONDS: Final = 0.25
LOW_MARK: Final = 0.9
"""What is full has room again when so much of its limit is taken, lest it be full every moment."""


class Pace:
    """A moving average over the last `WINDOW_SECONDS` of the caller's monotonic clock."""

    def __init__(self) -> None:
        self._noted: deque[tuple[float, int]] = deque()

    def note(self, count: int, at: float) -> None:
        """The count is `count` at this time. Often enough is four times a second."""
        if self._noted and at < self._noted[-1][0] + _STEP_SECONDS:
            return
        self._noted.append((at, count))
        self._forget_before(at - WINDOW_SECONDS)

    def per_second(self, now: float) -> float:
        """How much the count rose a second; 0 where nothing was noted lately."""
        self._forget_before(now - WINDOW_SECONDS)
        if not self._noted:
            return 0.0
        (since, before), (_, after) = self._noted[0], self._noted[-1]
        return max(after - before, 0) / (now - since) if now > since else 0.0

    def seconds_for(self, count: float, now: float, longest: int) -> int:
        """Whole seconds that `count` more take: at least 1, and at most `longest`, which it is
        where nothing moves.
        """
        per_second = self.per_second(now)
        if count >= per_second * longest:
            return longest
        return max(math.ceil(count / per_second), 1)

    def _forget_before(self, time: float) -> None:
        while self._noted and self._noted[0][0] < time:
            self._noted.popleft()
