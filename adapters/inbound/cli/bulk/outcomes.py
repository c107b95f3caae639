"""What became of rows, and how many there are of each."""

from collections import Counter
from enum import StrEnum
from typing import NamedTuple

from adapters.inbound.cli.bulk.row_keys import KeyedRow


class Fate(StrEnum):
    """What can become of a row."""

    POSTED = "posted"
    REPLAYED = "replayed"
    """An earlier run had it posted."""
    REJECTED = "rejected"
    """The ledger said no."""
    REFUSED = "refused"
    """The service did not accept it."""


class Outcome(NamedTuple):
    """A row's fate; `code` and `detail` say why it was not posted."""

    keyed: KeyedRow
    fate: Fate
    code: str = ""
    detail: str = ""

    @property
    def is_posted(self) -> bool:
        """Whether its money moved, in this run or before."""
        return self.fate in {Fate.POSTED, Fate.REPLAYED}


class Tally:
    """Counts fates."""

    def __init__(self) -> None:
        self._counts: Counter[Fate] = Counter()

    def add(self, outcome: Outcome) -> None:
        """One more."""
        self._counts[outcome.fate] += 1

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each fate."""
        return {fate.value: self._counts[fate] for fate in Fate}

    @property
    def decided(self) -> int:
        """How many there are."""
        return self._counts.total()

    @property
    def not_posted(self) -> int:
        """How many moved no money."""
        return self._counts[Fate.REJECTED] + self._counts[Fate.REFUSED]
