"""Processes as `counterfoil top` sees them: metrics that a test moves, and looks at them."""

from collections.abc import Mapping

from prometheus_client import generate_latest

from adapters.inbound.cli.top.figures import Figures, figures_of
from adapters.inbound.cli.top.process import Address, Kind, Looked, Watch
from adapters.inbound.cli.top.scrape import read_scrape
from adapters.metrics.instruments import Metrics

READY: Mapping[str, str | None] = {"kafka": None, "postgres": None}


class Seen:
    """One process. `metrics` may be replaced, as they are when a process starts anew."""

    def __init__(self, kind: Kind, url: str = "http://127.0.0.1:8081") -> None:
        self.address = Address(kind, url)
        self.metrics = Metrics()
        self.dependencies = READY
        self.away: str | None = None

    def look(self, at_seconds: float) -> Looked:
        if self.away is not None:
            return Looked(self.address, away=self.away)
        text = generate_latest(self.metrics.registry).decode()
        is_ready = not any(self.dependencies.values())
        scrape = read_scrape(text, at_seconds)
        return Looked(self.address, None, is_ready, self.dependencies, scrape)


class Processes:
    """Several of them, looked at every two seconds."""

    def __init__(self, *seen: Seen) -> None:
        self.seen = seen
        self.watch = Watch()
        self.now_seconds = 100.0

    def figures(self) -> Figures:
        """Of what happened since the last call."""
        self.now_seconds += 2.0
        return figures_of(self.watch.saw([one.look(self.now_seconds) for one in self.seen]))
