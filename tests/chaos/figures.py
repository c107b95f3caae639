"""What a run of chaos came to, as it is shown and as it is written to the JSON file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tests.audit import Finding
from tests.chaos.books import Commit, LostBooks
from tests.chaos.evidence import Breach, Harm
from tests.chaos.history import History, Outcome
from tests.chaos.wreaking import Struck
from tests.proof import Proof


class Kind(msgspec.Struct, frozen=True):
    """All faults of one kind.

    `first_commit_seconds` is the longest that any partition took to its first commit, from the end
    of a fault: from the death of what was killed, with its new start, or from the moment when what
    lasted was taken away.
    """

    name: str
    times: int
    kills: int
    first_commit_seconds: float


class Figures(msgspec.Struct, frozen=True):
    """Everything. `seconds` are those of load."""

    seed: int
    seconds: float
    kinds: Sequence[Kind]
    calls: Mapping[str, int]
    attempts: Mapping[str, int]
    reads: int
    transactions: int
    events: int
    audience: Mapping[str, int]
    harm: Mapping[str, int]
    breaches: Sequence[str]
    troubles: Sequence[str]
    rules: Sequence[Finding]
    schedule: Sequence[Struck]
    proofs: Sequence[Proof]
    undecided: Mapping[str, int]

    @property
    def kills(self) -> int:
        """Processes that were killed."""
        return sum(kind.kills for kind in self.kinds)

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return not self.breaches and not self.troubles and all(one.holds for one in self.rules)


def kinds(struck: Sequence[Struck], commits: Sequence[Commit]) -> list[Kind]:
    """The faults by kind, those that took longest first."""
    by_kind: dict[str, list[Struck]] = {}
    for one in struck:
        by_kind.setdefault(one.kind, []).append(one)
    found = [
        Kind(
            name,
            len(ones),
            sum(one.kills for one in ones),
            round(max(first_commit_seconds(one, commits) for one in ones), 2),
        )
        for name, ones in by_kind.items()
    ]
    return sorted(found, key=lambda kind: -kind.first_commit_seconds)


def first_commit_seconds(struck: Struck, commits: Sequence[Commit]) -> float:
    """From the end of the fault until each partition had committed again; 0 if none did."""
    first: dict[int, float] = {}
    for commit in commits:
        if commit.at > struck.over_at:
            first[commit.partition] = min(commit.at, first.get(commit.partition, commit.at))
    return max(first.values(), default=struck.over_at) - struck.over_at


def harm(breaches: Sequence[Breach]) -> dict[str, int]:
    """How much was lost, doubled, negative, or wrong otherwise."""
    return {one.value: sum(breach.harm is one for breach in breaches) for one in Harm}


def calls(history: History) -> dict[str, int]:
    """Commands by what their clients know of them."""
    return {outcome.value: history.count(outcome) for outcome in Outcome}


def attempts(history: History) -> dict[str, int]:
    """Every time that a command was sent, by what was answered."""
    return dict(Counter(_answers(history)))


def audience(history: History) -> dict[str, int]:
    """Calls that endpoints took, and events that followers were given; each with those again."""
    told = {f"calls of the {hook.name} endpoint": hook.taken for hook in history.hooks}
    told |= {f"events of {stream.name}": stream.seen for stream in history.streams}
    counted = {what: sum(counts.values()) for what, counts in told.items()}
    again = {f"{what}, again": counted[what] - len(counts) for what, counts in told.items()}
    return counted | again | {f"cuts of {one.name}": one.cuts for one in history.streams}


def undecided(lost: Sequence[LostBooks]) -> dict[str, int]:
    """How often the books were put back, and what was committed by then and never told."""
    return {
        "times": len(lost),
        "pages": sum(len(one.pages) for one in lost),
        "transactions": sum(len(one.transactions) for one in lost),
    }


def _answers(history: History) -> Iterator[str]:
    for call in history.calls:
        for attempt in call.attempts:
            yield f"{attempt.outcome.value} ({attempt.status or 'no answer'})"
