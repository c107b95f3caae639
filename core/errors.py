"""What can go wrong that is nobody's decision, and whether to try again.

    CounterfoilError
    ├── UnavailableError          a dependency is away; nothing was changed; try again later
    │   ├── LogUnavailableError       the command log (says whether the command may be in it)
    │   │   ├── CommandUnconfirmedError   the same, of a command whose id is known
    │   │   └── PipelineFullError         too many commands wait; says how long to stay away
    │   ├── LedgerUnavailableError    the ledger
    │   └── EventsUnavailableError    the topics for whoever wants to know
    ├── CommitUnknownError        the page may or may not be stored; read the position, then know
    ├── FencedError               another worker owns the partition; drop it
    │   └── PutBackError              nobody else may own it: the books may be of an earlier moment
    ├── HaltError                 log and ledger do not fit together; an operator must decide
    ├── DifferenceError           the books are not what was posted, or told, before
    ├── EventsLostError           events to be read are not in their topic any more
    ├── StreamOverError           a stream of events has ended; says why
    ├── UnusableKeyError          a file or text is no key that can be used; says why
    ├── NotPermittedError         this PostgreSQL or topic would lose data; do not start
    └── BrokenInvariantError      a bug of ours; says which promise broke

Refusals (`core.refusals`) are the other tree: what a caller asked for and cannot have.
"""

from enum import StrEnum
from uuid import UUID


class CounterfoilError(Exception):
    """The root of what this package raises."""


class UnavailableError(CounterfoilError):
    """A dependency is away or too slow. Nothing was changed; trying again later is right."""

    dependency = "dependency"


class LogUnavailableError(UnavailableError):
    """The command log did not confirm.

    `may_have_been_accepted` is False when the command certainly was not written.
    """

    dependency = "kafka"

    def __init__(self, detail: str, *, may_have_been_accepted: bool) -> None:
        super().__init__(detail)
        self.may_have_been_accepted = may_have_been_accepted


class CommandUnconfirmedError(LogUnavailableError):
    """The command log did not confirm this command. Its id is where to look for it later."""

    def __init__(self, detail: str, *, may_have_been_accepted: bool, transaction_id: UUID) -> None:
        super().__init__(detail, may_have_been_accepted=may_have_been_accepted)
        self.transaction_id = transaction_id


class PipelineFullError(LogUnavailableError):
    """As many commands wait as may. None of those that were given was written.

    `retry_after_seconds` is when there should be room, by the pace at which others are worked off.
    """

    dependency = "pipeline"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail, may_have_been_accepted=False)
        self.retry_after_seconds = retry_after_seconds


class LedgerUnavailableError(UnavailableError):
    """The ledger is away, refuses us, or took too long."""

    dependency = "postgres"


class EventsUnavailableError(UnavailableError):
    """Outcomes or dead letters could not be published, and stay to be published; or not be read."""

    dependency = "kafka"


class CommitUnknownError(CounterfoilError):
    """The commit was answered by an error: the page may be stored, or not."""


class FencedError(CounterfoilError):
    """The position is not where this worker left it, or its epoch is over: another one owns it."""


class PutBackError(FencedError):
    """The books may be those of an earlier moment. Whoever takes over anew finds out."""


class HaltError(CounterfoilError):
    """Going on would skip or repeat records. Its message is the sentence for the operator."""


class DifferenceError(CounterfoilError):
    """What a page's records bring about, or what the books say of it, is not what was told or
    posted. Its message names both.
    """


class EventsLostError(CounterfoilError):
    """Events that were to be read next were deleted, or their topic is another one of that name."""


class StreamEnd(StrEnum):
    """Why a stream of events has ended before whoever reads it wanted that."""

    TOO_SLOW = "too_slow"
    EVENTS_AWAY = "events_away"
    STOPPING = "stopping"
    CLOSED = "closed"


class StreamOverError(CounterfoilError):
    """No more events come by this stream; another one goes on where it ended."""

    def __init__(self, reason: StreamEnd) -> None:
        super().__init__(f"the stream of events is over: {reason}")
        self.reason = reason


class UnusableKeyError(CounterfoilError):
    """No key to sign by, or to check signatures against. Its message is for the operator."""


class NotPermittedError(CounterfoilError):
    """A setting of PostgreSQL or of a topic would lose data. Its message names it."""


class BrokenInvariantError(CounterfoilError):
    """Something that cannot be has happened: a bug, never the caller's fault."""
