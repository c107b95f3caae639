"""The instruments of one process, made from the catalogue."""

from typing import Generic, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from adapters.metrics import catalogue

# A second series beside every counter, of which nobody makes a graph.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of one process, on a registry of its own that also tells about the process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.http = HttpMetrics(self.registry)
        self.accepting = AcceptingMetrics(self.registry)
        self.streaming = StreamingMetrics(self.registry)
        self.posting = PostingMetrics(self.registry)
        self.webhooks = WebhookMetrics(self.registry)
        self.integrity = IntegrityMetrics(self.registry)


Metric = TypeVar("Metric", Counter, Histogram)


class ByLabels(Generic[Metric]):
    """A metric's children. Finding one costs more than counting, so each is found once."""

    def __init__(self, metric: Metric) -> None:
        self._metric: Metric = metric
        self._children: dict[tuple[str, ...], Metric] = {}

    def labels(self, *values: str) -> Metric:
        """The child with these values, in the order of the metric's labels."""
        child = self._children.get(values)
        if child is None:
            child = self._children[values] = self._metric.labels(*values)
        return child


class HttpMetrics:
    """What the HTTP side answers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = ByLabels(catalogue.HTTP_REQUESTS.on(registry))
        self.request_seconds = ByLabels(catalogue.HTTP_REQUEST_SECONDS.on(registry))
        self.connections = catalogue.HTTP_CONNECTIONS.on(registry)
        self.connections_cut = catalogue.HTTP_CONNECTIONS_CUT.on(registry)
        self.commands_accepted = ByLabels(catalogue.COMMANDS_ACCEPTED.on(registry))
        self.commands_refused = ByLabels(catalogue.COMMANDS_REFUSED.on(registry))


class AcceptingMetrics:
    """What lies between a client and the log."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.accept_seconds = catalogue.ACCEPT_SECONDS.on(registry)
        self.in_flight = catalogue.COMMANDS_IN_FLIGHT.on(registry)
        self.waiters = catalogue.WAITERS.on(registry)
        self.partition_full = catalogue.PARTITION_FULL.on(registry)


class StreamingMetrics:
    """What is told to those who look on."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.open = catalogue.EVENT_STREAMS.on(registry)
        self.events = catalogue.EVENTS_STREAMED.on(registry)
        self.ended = catalogue.EVENT_STREAMS_ENDED.on(registry)


class PostingMetrics:
    """What the worker pool does."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.pages = catalogue.PAGES.on(registry)
        self.records = catalogue.RECORDS.on(registry)
        self.transactions = catalogue.TRANSACTIONS.on(registry)
        self.repeats = catalogue.REPEATS.on(registry)
        self.conflicts = catalogue.CONFLICTS.on(registry)
        self.moot = catalogue.MOOT.on(registry)
        self.dead_letters = catalogue.DEAD_LETTERS.on(registry)
        self.dead_letters_held = catalogue.DEAD_LETTERS_HELD.on(registry)
        self.page_seconds = catalogue.PAGE_SECONDS.on(registry)
        self.page_records = catalogue.PAGE_RECORDS.on(registry)
        self.accepted_to_posted_seconds = catalogue.ACCEPTED_TO_POSTED_SECONDS.on(registry)
        self.retries = catalogue.RETRIES.on(registry)
        self.publish_failures = catalogue.PUBLISH_FAILURES.on(registry)
        self.fences_hit = catalogue.FENCES_HIT.on(registry)
        self.commits_unknown = catalogue.COMMITS_UNKNOWN.on(registry)
        self.halts = catalogue.HALTS.on(registry)
        self.lag = catalogue.LAG.on(registry)
        self.oldest_unposted_seconds = catalogue.OLDEST_UNPOSTED_SECONDS.on(registry)
        self.unpublished = catalogue.UNPUBLISHED.on(registry)
        self.halted = catalogue.HALTED.on(registry)
        self.unsigned_seconds = catalogue.UNSIGNED_SECONDS.on(registry)


class IntegrityMetrics:
    """What the check of the books finds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.age_seconds = catalogue.INTEGRITY_AGE_SECONDS.on(registry)
        self.findings = catalogue.INTEGRITY_FINDINGS.on(registry)


class WebhookMetrics:
    """What endpoints are told."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.attempts = ByLabels(catalogue.WEBHOOK_ATTEMPTS.on(registry))
        self.attempt_seconds = catalogue.WEBHOOK_ATTEMPT_SECONDS.on(registry)
        self.done = ByLabels(catalogue.WEBHOOKS_DONE.on(registry))
        self.disabled = ByLabels(catalogue.WEBHOOKS_DISABLED.on(registry))
        self.endpoints = catalogue.WEBHOOK_ENDPOINTS.on(registry)
        self.waiting = catalogue.WEBHOOKS_WAITING.on(registry)
        self.oldest_waiting_seconds = catalogue.WEBHOOKS_OLDEST_SECONDS.on(registry)
        self.intake_lag = catalogue.WEBHOOK_INTAKE_LAG.on(registry)
        self.events_lost = catalogue.WEBHOOK_EVENTS_LOST.on(registry)
