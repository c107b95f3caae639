"""The figures of a load test, as they are judged, shown, and written to the JSON file."""

from collections.abc import Mapping, Sequence

import msgspec

from tests.audit import Finding
from tests.proof import Proof


class Latency(msgspec.Struct, frozen=True):
    """In milliseconds, of answered requests: from the first byte sent to the last received."""

    p50: float
    p95: float
    p99: float
    max: float


class Load(msgspec.Struct, frozen=True):
    """What the clients saw, as `loadtest.js` counts it.

    `sent` counts every POST, those that opened the accounts before the clock started (`opened`)
    included. Each is accepted (202), refused (any other definite answer, by status) or unknown: not
    answered, or answered that it may have been accepted. The rest is of the mix alone, which took
    `seconds`; failed reads are told apart by status, 0 where there was no answer.
    """

    seconds: float
    opened: int
    sent: int
    accepted: int
    refused: Mapping[str, int]
    unknown: int
    accepted_minor_units: Mapping[str, int]
    reads: int
    failed_reads: Mapping[str, int]
    post_ms: Latency
    read_ms: Latency
    failed_checks: Mapping[str, int]

    @property
    def posts_per_second(self) -> float:
        """Commands sent in the mix."""
        return (self.sent - self.opened) / self.seconds

    @property
    def reads_per_second(self) -> float:
        """Reads in the mix."""
        return self.reads / self.seconds


class Lag(msgspec.Struct, frozen=True):
    """A partition that the books are behind with."""

    partition: int
    next_offset: int
    log_end: int


class Books(msgspec.Struct, frozen=True):
    """What the books say. Rejections by code; amounts of all transactions by type.

    `seconds_behind` is from the last request's answer to the last command's posting; `behind` is
    what was still missing at the deadline.
    """

    posted: int
    rejected: Mapping[str, int]
    minor_units: Mapping[str, int]
    seconds_behind: float
    behind: Sequence[Lag]

    @property
    def transactions(self) -> int:
        """Posted and rejected."""
        return self.posted + sum(self.rejected.values())


class Figures(msgspec.Struct, frozen=True):
    """Everything; `proof` is what `verify --replay` said of it.

    CPU seconds are user and system, from the first request to the last posting.
    """

    clients: int
    users: int
    cores: int
    load: Load
    books: Books
    cpu_seconds: Mapping[str, float]
    rules: Sequence[Finding]
    proof: Proof
