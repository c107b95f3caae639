"""Times as clients write them: RFC 3339 with an offset."""

import re
from datetime import UTC, datetime
from typing import Final

# `datetime.fromisoformat` alone would also take week dates, naive times and a comma.
_RFC3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def parse_time(text: str) -> datetime:
    """The time in `text`, in UTC; `ValueError` with the reason if there is none."""
    if not _RFC3339.fullmatch(text):
        raise ValueError(
            "must be an RFC 3339 time with an offset and at most six decimals, such as "
            "2026-01-31T12:00:00Z or 2026-01-31T13:00:00%2B01:00 (a plus sign is %2B in a query)"
        )
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be a time that exists") from None
