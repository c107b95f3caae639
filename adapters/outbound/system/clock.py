"""The system's clock."""

from datetime import UTC, datetime


class SystemClock:
    """A `Clock` that tells the system's time."""

    def now(self) -> datetime:
        """The current time, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 (this is the port's adapter)
