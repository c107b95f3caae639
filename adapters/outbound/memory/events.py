"""Outcomes told in memory."""

from collections import deque
from typing import Final

from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outcome_events import event_of
from adapters.representations import Representations
from core.entities.page import Outcomes

MAX_KEPT: Final = 10_000


class MemoryEvents:
    """`Events` into a `MemoryEventLog`; the last `MAX_KEPT` publications are remembered, too."""

    def __init__(self, log: MemoryEventLog, representations: Representations) -> None:
        self._log = log
        self._representations = representations
        self.published: deque[tuple[int, Outcomes]] = deque(maxlen=MAX_KEPT)

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """Tell the outcomes."""
        self.published.append((partition, outcomes))
        for transaction in outcomes.transactions:
            self._log.append(partition, event_of(transaction, self._representations))
