"""What was measured, as it is written to the JSON file."""

from collections.abc import Mapping, Sequence

import msgspec

from tests.bench.machine import Machine

CpuSeconds = Mapping[str, float]
"""By process, per 1,000 transactions."""


class Percentiles(msgspec.Struct, frozen=True):
    """In milliseconds."""

    p50: float
    p99: float


class Drain(msgspec.Struct, frozen=True):
    """A backlog being posted."""

    transactions: int
    per_second: float
    records_per_page: float
    seconds_to_first_page: float
    cpu: CpuSeconds


class Reference(msgspec.Struct, frozen=True):
    """The rows of the first drain, written by the driver alone."""

    transactions: int
    connections: int
    per_second: float
    cpu: CpuSeconds


class Compared(msgspec.Struct, frozen=True):
    """A drain, and the reference that was measured directly after it.

    The machine's speed drifts from minute to minute: only neighbours can be compared.
    """

    drain: Drain
    reference: Reference

    @property
    def ratio(self) -> float:
        """How fast the backlog was posted, against the driver alone."""
        return self.drain.per_second / self.reference.per_second

    def against(self, other: "Compared") -> float:
        """How fast this drain was against another one, which ran shortly before or after it.

        Not by way of their references: those vary more from run to run than the drains do.
        """
        return self.drain.per_second / other.drain.per_second


class Loop(msgspec.Struct, frozen=True):
    """Clients that ask again as soon as they are answered.

    `waited` is what clients saw that asked with `Prefer: wait`: accepted, posted, read back.
    """

    connections: int
    seconds: float
    accepted: int
    accepted_per_second: float
    posted_per_second: float
    drained_seconds: float
    records_per_page: float
    accept: Percentiles
    accepted_to_posted: Percentiles
    waited: Percentiles
    cpu: CpuSeconds


class Offered(msgspec.Struct, frozen=True):
    """Requests that come when they come, whether or not earlier ones are answered.

    Latencies are counted from when a request was due, so that no wait is left out.
    """

    per_second: float
    accepted_per_second: float
    refused: int
    accept: Percentiles
    accepted_to_posted: Percentiles


class Flood(msgspec.Struct, frozen=True):
    """More than the product can take, from clients that give up soon.

    `share` is what was offered, where 1 is what the closed loop was answered. Accepted and posted
    are counted while it lasted. `memory_bytes` is what each process grew by after a quarter of it.
    """

    share: float
    per_second: float
    accepted_per_second: float
    posted_per_second: float
    refused: int
    given_up: int
    memory_bytes: Mapping[str, int]

    def goodput(self, loop: Loop) -> float:
        """What was accepted and what was posted, the smaller, where the closed loop is 1."""
        return min(
            self.accepted_per_second / loop.accepted_per_second,
            self.posted_per_second / loop.posted_per_second,
        )


class Exported(msgspec.Struct, frozen=True):
    """A whole account as a file. `memory_bytes` is what the API grew by meanwhile, at the most."""

    bytes: int
    seconds: float
    memory_bytes: int


class Reading(msgspec.Struct, frozen=True):
    """An account with a long history, read. The milliseconds are medians, by what was read."""

    entries: int
    milliseconds: dict[str, float]
    exported: Exported

    @property
    def last_to_first(self) -> float:
        """What the last page costs, where the first one costs 1."""
        return self.milliseconds["last page"] / self.milliseconds["first page"]


class Bench(msgspec.Struct, frozen=True):
    """Everything."""

    machine: Machine
    one_processor: Compared
    two_processors: Compared
    one_account: Compared
    many_connections: Reference
    reading: Reading
    loop: Loop
    offered: Sequence[Offered]
    floods: Sequence[Flood]
