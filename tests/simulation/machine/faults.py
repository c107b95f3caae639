"""The weather of a world: what goes wrong, how often, and how often it did."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tests.simulation.machine.chance import Chance


class Fault(StrEnum):
    """Everything that can go wrong."""

    APPEND_REFUSED = "append refused for certain"
    APPEND_LOST = "append lost, unknown to its sender"
    APPEND_UNCONFIRMED = "append written, its confirmation lost"
    APPEND_LATE = "append written after its sender gave up"
    APPEND_DOUBLED = "append written twice"
    LOG_CLOCK_BACK = "the log's clock stepped back"
    BROKEN_RECORD = "a record that no code can read"
    LOG_AWAY = "the log did not answer a reader"
    LEDGER_AWAY = "the ledger refused a connection"
    CONNECTION_LOST = "a connection lost before its commit"
    SERIALIZATION_FAILURE = "a serialization failure"
    DEADLOCK = "ended for a deadlock with somebody else's session"
    COMMIT_LOST = "a commit lost, unknown to its sender"
    COMMIT_UNCONFIRMED = "a commit stored, its answer lost"
    COMMIT_LATE = "a commit stored after its sender gave up"
    EVENTS_AWAY = "outcomes not published"
    EVENTS_PARTLY = "outcomes published in part"
    EVENTS_UNCONFIRMED = "outcomes published, the confirmation lost"
    FEED_AWAY = "events could not be read"
    PUT_BACK = "the books put back to an earlier moment"
    REBALANCE = "a rebalance without a reason"
    STALE_ASSIGNMENT = "a member not told that it lost its partitions"
    LISTENER_FAILED = "a rebalance listener that failed"
    PAUSE = "a process paused"
    ZOMBIE = "a process paused until others had its partitions"
    CRASH = "a process killed"
    HOST_LOST = "a process killed, its connections left open"
    DEPLOYMENT = "a process stopped in good order, and replaced"
    REQUEST_LOST = "a request lost"
    ANSWER_LOST = "an answer lost"
    STREAM_CUT = "a live stream cut off"
    STREAM_SLOW = "a live stream read slowly"
    ENDPOINT_DOWN = "an endpoint down for a while"
    ENDPOINT_FAILS = "an endpoint that answered 500"
    ENDPOINT_HANGS = "an endpoint that never answered"
    ENDPOINT_UNCONFIRMED = "an endpoint that was told, its answer lost"


_LIKELIHOOD: Final[Mapping[Fault, tuple[float, float]]] = {
    Fault.APPEND_REFUSED: (0.02, 0.2),
    Fault.APPEND_LOST: (0.02, 0.2),
    Fault.APPEND_UNCONFIRMED: (0.02, 0.3),
    Fault.APPEND_LATE: (0.02, 0.2),
    Fault.APPEND_DOUBLED: (0.02, 0.4),
    Fault.LOG_CLOCK_BACK: (0.02, 0.2),
    Fault.BROKEN_RECORD: (0.01, 0.05),
    Fault.LOG_AWAY: (0.02, 0.2),
    Fault.LEDGER_AWAY: (0.02, 0.2),
    Fault.CONNECTION_LOST: (0.01, 0.15),
    Fault.SERIALIZATION_FAILURE: (0.01, 0.15),
    Fault.DEADLOCK: (0.01, 0.1),
    Fault.COMMIT_LOST: (0.02, 0.2),
    Fault.COMMIT_UNCONFIRMED: (0.02, 0.3),
    Fault.COMMIT_LATE: (0.02, 0.2),
    Fault.EVENTS_AWAY: (0.05, 0.5),
    Fault.EVENTS_PARTLY: (0.05, 0.3),
    Fault.EVENTS_UNCONFIRMED: (0.05, 0.3),
    Fault.FEED_AWAY: (0.02, 0.3),
    Fault.REBALANCE: (0.05, 0.4),
    Fault.STALE_ASSIGNMENT: (0.1, 0.6),
    Fault.LISTENER_FAILED: (0.1, 0.5),
    Fault.PAUSE: (0.1, 0.6),
    Fault.ZOMBIE: (0.05, 0.3),
    Fault.CRASH: (0.05, 0.4),
    Fault.HOST_LOST: (0.2, 1.0),
    Fault.DEPLOYMENT: (0.02, 0.2),
    Fault.REQUEST_LOST: (0.02, 0.15),
    Fault.ANSWER_LOST: (0.02, 0.15),
    Fault.STREAM_CUT: (0.02, 0.3),
    Fault.STREAM_SLOW: (0.02, 0.3),
    Fault.ENDPOINT_DOWN: (0.05, 0.4),
    Fault.ENDPOINT_FAILS: (0.05, 0.6),
    Fault.ENDPOINT_HANGS: (0.02, 0.3),
    Fault.ENDPOINT_UNCONFIRMED: (0.02, 0.4),
}
"""From the least to the most probable, at each occasion: a call, or a second of a process. Books
are put back by their keeper."""
_CHOSEN: Final = 0.5
"""How many of all faults a world has: with all at once, each would hide the others."""


class Weather:
    """Some faults, some of them often; until the world heals."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self.counts: Counter[Fault] = Counter()
        self._probabilities = {
            fault: chance.between(*_LIKELIHOOD[fault]) if chance.happens(_CHOSEN) else 0.0
            for fault in _LIKELIHOOD
        }

    def strikes(self, fault: Fault) -> bool:
        """Whether it happens on this occasion; then it is counted."""
        if not self._chance.happens(self._probabilities[fault]):
            return False
        self.counts[fault] += 1
        return True

    def heal(self) -> None:
        """Nothing goes wrong from now on."""
        self._probabilities = dict.fromkeys(Fault, 0.0)
