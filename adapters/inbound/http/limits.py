"""How much, and for how long, the HTTP side bears with a client."""

from dataclasses import dataclass


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
    linger_seconds: float = 2.0
    """For the rest of a body that was refused before it was read."""
    stop_seconds: float = 10.0
    """For the requests that are in hand when the server stops."""
