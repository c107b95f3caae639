"""What must hold in every world, and where it is written down when it does not."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tests.simulation.machine.trace import Trace

MAX_SENTENCES: Final = 5


class Promise(StrEnum):
    """Each has a checker of its own, and at least one planted bug that breaks it."""

    ONCE = "a command becomes one transaction at most"
    DECIDED = "every accepted command is decided"
    BALANCED = "a balance is the sum of its entries, which sum to zero, after every commit"
    LIMITS = "no account is below its limit after any commit"
    TOGETHER = "the entries of a transaction are seen together"
    OWN_WRITES = "who reads with a position sees what was posted up to it"
    HONEST = "what failed for certain is not in the log, and what was accepted is"
    CONFLICT = "a key means one command, and another one under it is refused"
    CHAIN = "pages follow each other, and the position is where they end"
    OWNER = "a page is written under the epoch that owns its partition"
    REPLAY = "the log, decided again, gives the same books"
    COMMITTED = "nothing is published that is not committed"
    PUBLISHED = "all outcomes are published, in the order of the log"
    CHAINED = "each head follows from the one before and what was decided, however it was paged"
    REPLAYED = "the log, posted again by the pages that were told, gives the same books and heads"
    TOLD_FIRST = "no outcome is told before its page, and no page before those it depends on"
    RESTORED = "books that were put back have all that was told, exactly as it was told"
    UNBROKEN = "what was told makes every account, without a gap"
    DELIVERED = "an endpoint gets every event told since it was made, and no other, under its id"
    STREAMED = (
        "who comes back where a live stream was cut off misses nothing, and has nothing twice"
    )
    CONDEMNED = "only what cannot be read is condemned, and nothing halts"
    ORDERED = "nobody waits in a circle"
    DRAINS = "when the faults are over, everything is posted, told and delivered"
    SURPRISES = "no worker meets an error that it does not know"


class Findings:
    """The promises that a world broke, each with its first few sentences."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._broken: dict[Promise, list[str]] = {}

    def broken(self, promise: Promise, sentence: str) -> None:
        """The promise did not hold."""
        self._trace.note("BROKEN", f"{promise.name}: {sentence}")
        sentences = self._broken.setdefault(promise, [])
        if len(sentences) < MAX_SENTENCES:
            sentences.append(sentence)

    def expect(self, holds: object, promise: Promise, sentence: str) -> None:
        """The promise, if this does not hold."""
        if not holds:
            self.broken(promise, sentence)

    @property
    def all(self) -> Mapping[Promise, list[str]]:
        """All of them."""
        return self._broken
