"""Kafka's times."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS: Final = 253_402_300_799_999
_MAX_REMEMBERED: Final = 4_096
"""Records that were appended together have the same time."""


@lru_cache(_MAX_REMEMBERED)
def time_of(milliseconds: int) -> datetime:
    """The time so many milliseconds after the epoch, exactly.

    A record that was not stamped by the broker can bear any number; what no calendar has becomes
    the nearest time that one has.
    """
    return _EPOCH + timedelta(milliseconds=min(max(milliseconds, 0), _LAST_MS))


def milliseconds_of(time: datetime) -> int:
    """The whole milliseconds between the epoch and `time`."""
    return (time - _EPOCH) // timedelta(milliseconds=1)
