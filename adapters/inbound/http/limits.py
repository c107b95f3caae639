"""How much, and for how long, the HTTP side bears with a client."""

from dataclasses import dataclass
from typing import Final

from core.entities.feed_bookmark import MAX_CHARACTERS_PER_PARTITION

MIN_HEADER_BYTES: Final = 8_190


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Sizes in bytes, times in seconds."""

    max_body_bytes: int = 64 * 1024
    max_batch_bytes: int = 1024 * 1024
    max_connections: int = 4_000
    max_exports: int = 4
    """Files under way at a time: many of them would leave commands waiting."""
    max_drawn_exports: int = 1
    """Of these, files that are drawn before they are sent (PDF)."""
    head_seconds: float = 5.0
    """From the first byte of a request's head to its last."""
    body_seconds: float = 10.0
    """From the end of the head to the end of the body."""
    idle_seconds: float = 20.0
    """Between two requests of a connection, and before its first."""
    write_seconds: float = 20.0
    """For a client that does not take its answer."""
    max_header_bytes: int = MIN_HEADER_BYTES
    """For one header."""
    stream_seconds: float = 3_600.0
    """For a stream of events: its client comes back, perhaps to another process."""
    stream_mark_seconds: float = 15.0
    """Between two signs of life on a stream without events."""
    linger_seconds: float = 2.0
    """For the rest of a body that was refused before it was read."""
    stop_seconds: float = 10.0
    """For the requests that are in hand when the server stops."""


def header_bytes_for(partition_count: int) -> int:
    """What one header may have, so that the longest `Last-Event-ID` fits into it."""
    return max(MIN_HEADER_BYTES, MAX_CHARACTERS_PER_PARTITION * (partition_count + 2))
