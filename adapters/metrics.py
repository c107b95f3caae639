"""Every metric of Counterfoil: its name, its unit, its labels."""

from typing import Final, Generic, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

# A second series beside every counter, of which nobody makes a graph.
disable_created_metrics()  # type: ignore[no-untyped-call]

HTTP_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
PAGE_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)
PAGE_RECORDS: Final = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000)


class Metrics:
    """The metrics of one process, on a registry of its own that also tells about the process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.http = HttpMetrics(self.registry)
        self.posting = PostingMetrics(self.registry)


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
    """What the HTTP side answers. Every label has a closed set of values."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = ByLabels(
            Counter(
                "counterfoil_http_requests_total",
                "Requests answered.",
                ("route", "method", "status"),
                registry=registry,
            )
        )
        self.request_seconds = ByLabels(
            Histogram(
                "counterfoil_http_request_duration_seconds",
                "From the end of a request's head to its answer.",
                ("route", "method"),
                buckets=HTTP_SECONDS,
                registry=registry,
            )
        )
        self.connections = Gauge(
            "counterfoil_http_connections", "Connections that are open.", registry=registry
        )
        self.connections_cut = Counter(
            "counterfoil_http_connections_cut_total",
            "Connections closed for being too slow or too many: slow_head, slow_reader, too_many.",
            ("reason",),
            registry=registry,
        )
        self.commands_accepted = ByLabels(
            Counter(
                "counterfoil_commands_accepted_total",
                "Commands written to the log, and keys replayed.",
                ("type", "replayed"),
                registry=registry,
            )
        )
        self.commands_refused = ByLabels(
            Counter(
                "counterfoil_commands_refused_total",
                "Commands that were not accepted, by the code of the problem.",
                ("type", "code"),
                registry=registry,
            )
        )


class PostingMetrics:
    """What the worker pool does."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.pages = Counter("counterfoil_pages_posted_total", "Pages posted.", registry=registry)
        self.records = Counter(
            "counterfoil_records_posted_total", "Records of posted pages.", registry=registry
        )
        self.transactions = Counter(
            "counterfoil_transactions_total",
            "Transactions decided: posted, rejected.",
            ("status",),
            registry=registry,
        )
        self.repeats = Counter(
            "counterfoil_repeated_records_total",
            "Records whose transaction was there already.",
            registry=registry,
        )
        self.conflicts = Counter(
            "counterfoil_conflicting_records_total",
            "Records that bore the id of another command.",
            registry=registry,
        )
        self.moot = Counter(
            "counterfoil_moot_records_total",
            "Expiries of holds that were not due, or had ended already.",
            registry=registry,
        )
        self.dead_letters = Counter(
            "counterfoil_dead_letters_total",
            "Records kept for an operator.",
            ("reason",),
            registry=registry,
        )
        self.page_seconds = Histogram(
            "counterfoil_page_duration_seconds",
            "From a page's records in hand to its commit.",
            buckets=PAGE_SECONDS,
            registry=registry,
        )
        self.page_records = Histogram(
            "counterfoil_page_records",
            "Records in a page.",
            buckets=PAGE_RECORDS,
            registry=registry,
        )
        self.publish_failures = Counter(
            "counterfoil_publish_failures_total",
            "Attempts to publish outcomes that failed and will be made again.",
            registry=registry,
        )
        self.lag = Gauge(
            "counterfoil_partition_lag_records",
            "Records of the partition not yet posted.",
            ("partition",),
            registry=registry,
        )
        self.oldest_unposted_seconds = Gauge(
            "counterfoil_partition_oldest_unposted_record_age_seconds",
            "Age of the partition's oldest record not yet posted; 0 if all are.",
            ("partition",),
            registry=registry,
        )
        self.halted = Gauge(
            "counterfoil_partition_halted",
            "1 while the partition waits for an operator, otherwise 0.",
            ("partition",),
            registry=registry,
        )
