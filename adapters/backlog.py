"""How many records wait to be posted, partition by partition, and whether more may come."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from adapters.pace import LOW_MARK, Pace
from core.errors import PipelineFullError

LONGEST_RETRY_SECONDS: Final = 30
"""What a client is told at most: nobody knows when a halted partition goes on."""


@dataclass(slots=True)
class _Partition:
    """As far as it is known: a partition whose posting is not known has no lag."""

    end_offset: int = 0
    next_offset: int | None = None
    posting: Pace = field(default_factory=Pace)

    @property
    def lag(self) -> int:
        if self.next_offset is None:
            return 0
        return max(self.end_offset - self.next_offset, 0)


class Backlog:
    """What is known of the lag, and the limit of it.

    A partition is full from `max_lag_records` on, and until the low mark of that is reached.
    """

    def __init__(
        self,
        partition_count: int,
        max_lag_records: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._partitions = [_Partition() for _ in range(partition_count)]
        self._limit = max_lag_records
        self._low = LOW_MARK * max_lag_records
        self._monotonic = monotonic
        self.full: frozenset[int] = frozenset()

    @property
    def partition_count(self) -> int:
        """Of the log."""
        return len(self._partitions)

    def log_ends_at(self, end_offsets: Iterable[int]) -> None:
        """Where each partition of the log ends, in their order."""
        for one, end_offset in zip(self._partitions, end_offsets, strict=True):
            one.end_offset = end_offset
        self._judge()

    def posted_up_to(self, next_offsets: Mapping[int, int]) -> None:
        """How far each partition is posted; those that are absent are not posted from yet."""
        now = self._monotonic()
        for number, one in enumerate(self._partitions):
            one.next_offset = next_offsets.get(number, 0)
            one.posting.note(one.next_offset, now)
        self._judge()

    def ensure_room(self, partitions: Iterable[int]) -> None:
        """Return if all of these take more. Raises `PipelineFullError`."""
        closed = self.full.intersection(partitions)
        if not closed:
            return
        lags = ", ".join(f"partition {one} lags by {self._partitions[one].lag:,}" for one in closed)
        raise PipelineFullError(
            f"the pipeline is full: {lags} records",
            retry_after_seconds=max(map(self._seconds_until_room, closed)),
        )

    def _seconds_until_room(self, partition: int) -> int:
        one = self._partitions[partition]
        excess = one.lag - self._low
        return one.posting.seconds_for(excess, self._monotonic(), LONGEST_RETRY_SECONDS)

    def _judge(self) -> None:
        self.full = frozenset(
            number
            for number, one in enumerate(self._partitions)
            if one.lag >= self._limit or (number in self.full and one.lag > self._low)
        )
