"""The processes that are watched, and how each of them stands."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from adapters.inbound.cli.top.scrape import Interval, Scrape

_NOTHING_NEEDED: Final[Mapping[str, str | None]] = MappingProxyType({})


class Kind(StrEnum):
    """What a process does."""

    API = "api"
    PROCESSOR = "processor"
    WEBHOOKS = "webhooks"


class Address(NamedTuple):
    """A process, and where it serves its health and metrics."""

    kind: Kind
    url: str


class Looked(NamedTuple):
    """What a look at a process found: its dependencies, each with what is wrong with it, and its
    metrics; or in their place why it is away.
    """

    address: Address
    away: str | None = None
    is_ready: bool = False
    dependencies: Mapping[str, str | None] = _NOTHING_NEEDED
    scrape: Scrape | None = None


class Watched(NamedTuple):
    """A look, and how things moved since the one before it that was answered."""

    looked: Looked
    interval: Interval | None

    @property
    def kind(self) -> Kind:
        """What the process does."""
        return self.looked.address.kind


class Watch:
    """Remembers the last answer of each process."""

    def __init__(self) -> None:
        self._last: dict[Address, Scrape] = {}

    def saw(self, looks: Sequence[Looked]) -> Sequence[Watched]:
        """These looks, each beside the last answer before it."""
        return [Watched(one, self._interval(one)) for one in looks]

    def _interval(self, looked: Looked) -> Interval | None:
        if looked.scrape is None:
            return None
        before = self._last.get(looked.address)
        self._last[looked.address] = looked.scrape
        if before is None or before.at_seconds >= looked.scrape.at_seconds:
            return None
        return Interval(before, looked.scrape)
