"""What clients asked for and were told: the history that promises are held against.

Amounts are minor units of USD. Times are seconds of one monotonic clock: all clients share it.
"""

from enum import StrEnum
from typing import Final

import msgspec

CURRENCY: Final = "USD"


class Outcome(StrEnum):
    """What an answer, or its absence, says about a command."""

    OK = "ok"
    """It is accepted, and will be decided."""
    FAIL = "fail"
    """Nothing came of it, and nothing ever will."""
    UNKNOWN = "unknown"
    """It may be accepted or not."""


class Order(msgspec.Struct, frozen=True):
    """What is to be done; `type` as the books call it.

    `receiver` is who gets the money of a transfer or capture, `named` the reference of the call
    whose hold or transaction this is about, `named_id` the id that was told for it.
    """

    type: str
    user_id: str
    amount: int
    receiver: str | None = None
    named: str | None = None
    named_id: str | None = None


class Attempt(msgspec.Struct, frozen=True):
    """One time that the command was sent.

    `status` is 0 where there was no answer. `decided` is `posted`, the code of a rejection, or None
    where the answer did not say; `replayed` where it was an earlier attempt's outcome.
    """

    invoked_at: float
    answered_at: float
    outcome: Outcome
    status: int = 0
    transaction_id: str | None = None
    position: str | None = None
    decided: str | None = None
    code: str | None = None
    replayed: bool = False


class Call(msgspec.Struct):
    """One command of one client, under a reference that no other one has.

    Without a key it is sent once; with one, until it is known to be accepted.
    """

    reference: str
    order: Order
    key: str | None
    attempts: list[Attempt] = []

    @property
    def outcome(self) -> Outcome:
        """Of all attempts together."""
        outcomes = {one.outcome for one in self.attempts}
        for outcome in (Outcome.OK, Outcome.UNKNOWN):
            if outcome in outcomes:
                return outcome
        return Outcome.FAIL if outcomes else Outcome.UNKNOWN


class Read(msgspec.Struct, frozen=True):
    """A balance that was read; sequence 0 where the account was said not to exist.

    With a `position` the read was to wait for it.
    """

    user_id: str
    position: str | None
    invoked_at: float
    answered_at: float
    sequence: int
    balance: int
    available: int


class Look(msgspec.Struct, frozen=True):
    """What was said of a transaction's id after it was accepted; `state` as the API calls it."""

    reference: str
    transaction_id: str
    invoked_at: float
    answered_at: float
    status: int
    state: str | None


class Surprise(msgspec.Struct, frozen=True):
    """An answer that no caller should ever get."""

    what: str
    status: int
    body: str


class Hook(msgspec.Struct):
    """An endpoint that wants events of these statuses: how often it took each of them.

    `forged` has the calls that it could not trust.
    """

    name: str
    endpoint_id: str
    statuses: list[str]
    taken: dict[str, int] = {}
    forged: list[str] = []


class Stream(msgspec.Struct, frozen=True):
    """How often a follower of the live stream was given each event, and was cut off."""

    name: str
    seen: dict[str, int]
    cuts: int


class History(msgspec.Struct):
    """Everything that all clients asked and were told."""

    calls: list[Call] = []
    reads: list[Read] = []
    looks: list[Look] = []
    surprises: list[Surprise] = []
    hooks: list[Hook] = []
    streams: list[Stream] = []

    def count(self, outcome: Outcome) -> int:
        """How many calls ended so."""
        return sum(call.outcome is outcome for call in self.calls)
