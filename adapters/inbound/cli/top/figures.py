"""What an operator wants to know, computed from looks at the processes."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from adapters.inbound.cli.top.process import Kind, Looked, Watched
from adapters.inbound.cli.top.scrape import Interval, Scrape
from adapters.inbound.cli.top.spread import Spread, together
from adapters.metrics import catalogue
from adapters.metrics.spec import CounterSpec, GaugeSpec, HistogramSpec
from core.entities.transaction import TransactionStatus
from core.entities.webhooks.delivery import DeliveryState


class Flow(NamedTuple):
    """Commands a second, and those under way. None: nobody who knows was there to say."""

    accepted: float | None
    refused: float | None
    posted: float | None
    rejected: float | None
    in_flight: float | None
    waiters: float | None


class Pages(NamedTuple):
    """The pages of the last interval: how many a second, their records, how long each took, and
    how long its first record had waited by its end.
    """

    per_second: float | None
    records: Spread
    seconds: Spread
    waited_seconds: Spread


class Troubles(NamedTuple):
    """What should be nothing: dead letters that are held, and attempts a second that failed."""

    dead_letters_held: float | None
    retries: float | None
    publish_failures: float | None
    fences_hit: float | None


class Webhooks(NamedTuple):
    """Deliveries a second that were taken, calls a second that were not, and what waits."""

    delivered: float | None
    failed_calls: float | None
    waiting: float | None
    oldest_seconds: float | None
    intake_lag: float | None


class Partition(NamedTuple):
    """How far one partition is behind. None: no processor tells of it."""

    partition: int
    lag: float | None
    oldest_seconds: float | None
    unpublished: float | None
    is_halted: bool
    is_full: bool

    @property
    def is_owned(self) -> bool:
        """Whether a processor tells of it."""
        return self.lag is not None


class Figures(NamedTuple):
    """One frame's worth."""

    flow: Flow
    pages: Pages
    troubles: Troubles
    webhooks: Webhooks
    partitions: Sequence[Partition]
    processes: Sequence[Looked]


def figures_of(watched: Sequence[Watched]) -> Figures:
    """The figures of these processes together."""
    apis = _Some([one for one in watched if one.kind is Kind.API])
    processors = _Some([one for one in watched if one.kind is Kind.PROCESSOR])
    webhooks = _Some([one for one in watched if one.kind is Kind.WEBHOOKS])
    return Figures(
        flow=_flow(apis, processors),
        pages=Pages(
            processors.rate(catalogue.PAGES),
            processors.spread(catalogue.PAGE_RECORDS),
            processors.spread(catalogue.PAGE_SECONDS),
            processors.spread(catalogue.ACCEPTED_TO_POSTED_SECONDS),
        ),
        troubles=Troubles(
            processors.gauge(catalogue.DEAD_LETTERS_HELD, sum),
            processors.rate(catalogue.RETRIES),
            processors.rate(catalogue.PUBLISH_FAILURES),
            processors.rate(catalogue.FENCES_HIT),
        ),
        webhooks=_webhooks(webhooks),
        partitions=_partitions(apis, processors),
        processes=[one.looked for one in watched],
    )


class _Some(NamedTuple):
    """Processes of one kind, as if they were one."""

    watched: Sequence[Watched]

    def rate(self, spec: CounterSpec, **labels: str) -> float | None:
        intervals = self._intervals()
        return sum(one.rate(spec, **labels) for one in intervals) if intervals else None

    def spread(self, spec: HistogramSpec) -> Spread:
        return together(one.spread(spec) for one in self._intervals())

    def gauge(self, spec: GaugeSpec, of: Callable[[Iterable[float]], float]) -> float | None:
        """One figure out of those that all of them, and all series, tell."""
        values = [value for one in self._scrapes() for value in one.values(spec)]
        return of(values) if values else None

    def of_partitions(self, spec: GaugeSpec) -> dict[int, float]:
        """A gauge by partition; the worse one where two tell of the same."""
        found: dict[int, float] = {}
        for one in self._scrapes():
            for label, value in one.by_label(spec, "partition").items():
                found[int(label)] = max(value, found.get(int(label), value))
        return found

    def _scrapes(self) -> Sequence[Scrape]:
        return [one.looked.scrape for one in self.watched if one.looked.scrape is not None]

    def _intervals(self) -> Sequence[Interval]:
        return [one.interval for one in self.watched if one.interval is not None]


def _flow(apis: _Some, processors: _Some) -> Flow:
    return Flow(
        accepted=apis.rate(catalogue.COMMANDS_ACCEPTED, replayed="false"),
        refused=apis.rate(catalogue.COMMANDS_REFUSED),
        posted=processors.rate(catalogue.TRANSACTIONS, status=TransactionStatus.POSTED),
        rejected=processors.rate(catalogue.TRANSACTIONS, status=TransactionStatus.REJECTED),
        in_flight=apis.gauge(catalogue.COMMANDS_IN_FLIGHT, sum),
        waiters=apis.gauge(catalogue.WAITERS, sum),
    )


def _webhooks(webhooks: _Some) -> Webhooks:
    attempts = catalogue.WEBHOOK_ATTEMPTS
    calls = webhooks.rate(attempts)
    taken = webhooks.rate(attempts, outcome=catalogue.WebhookOutcome.DELIVERED)
    return Webhooks(
        delivered=webhooks.rate(catalogue.WEBHOOKS_DONE, state=DeliveryState.DELIVERED),
        failed_calls=None if calls is None or taken is None else calls - taken,
        # Each process tells of all of them.
        waiting=webhooks.gauge(catalogue.WEBHOOKS_WAITING, max),
        oldest_seconds=webhooks.gauge(catalogue.WEBHOOKS_OLDEST_SECONDS, max),
        intake_lag=webhooks.gauge(catalogue.WEBHOOK_INTAKE_LAG, max),
    )


def _partitions(apis: _Some, processors: _Some) -> Sequence[Partition]:
    lag = processors.of_partitions(catalogue.LAG)
    oldest = processors.of_partitions(catalogue.OLDEST_UNPOSTED_SECONDS)
    unpublished = processors.of_partitions(catalogue.UNPUBLISHED)
    halted = processors.of_partitions(catalogue.HALTED)
    full = apis.of_partitions(catalogue.PARTITION_FULL)
    known = max([*lag, *halted, *full], default=-1) + 1
    return [
        Partition(
            partition=number,
            lag=lag.get(number),
            oldest_seconds=oldest.get(number),
            unpublished=unpublished.get(number),
            is_halted=halted.get(number) == 1,
            is_full=full.get(number) == 1,
        )
        for number in range(known)
    ]
