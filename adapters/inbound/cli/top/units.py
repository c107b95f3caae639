"""Figures as they are read at a glance."""

UNKNOWN = "–"
"""Nobody was there to say."""


def count_text(value: float | None) -> str:
    """A whole number: `12,345`."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def rate_text(value: float | None) -> str:
    """Of a second: whole, but for what is so little that it would look like nothing."""
    if value is None or value == 0 or value >= 10:
        return count_text(value)
    return f"{value:.1f}"


def size_text(value: float | None) -> str:
    """A mean of whole numbers."""
    return UNKNOWN if value is None else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def time_text(seconds: float | None) -> str:
    """In the unit that leaves three digits or so: `4.2 ms`, `41 s`, `12 min`, `5 h`, `3 d`."""
    if seconds is None:
        return UNKNOWN
    if seconds == 0:
        return "0 s"
    if seconds < 1:
        return f"{seconds * 1_000:.1f} ms" if seconds < 0.1 else f"{seconds * 1_000:.0f} ms"
    for limit, unit_seconds, unit in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            digits = 1 if seconds < 10 else 0
            return f"{seconds / unit_seconds:.{digits}f} {unit}"
    return f"{seconds / 86_400:.0f} d"
