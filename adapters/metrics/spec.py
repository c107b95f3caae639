"""What there is to know of a metric."""

from dataclasses import dataclass
from itertools import product
from typing import ClassVar, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

API: Final = "API"
PROCESSOR: Final = "processor"
WEBHOOKS: Final = "webhooks"
BOTH: Final = "both"


@dataclass(frozen=True, slots=True)
class Label:
    """A label. Its values are a closed set: `values` where they are few, and else `meaning` says
    what they are.
    """

    name: str
    values: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A metric. `process` is where it moves; `unit` is of its value, of a counter what it counts;
    `meaning` is its help text.
    """

    name: str
    unit: str
    process: str
    meaning: str
    labels: tuple[Label, ...] = ()

    kind: ClassVar[str]

    @property
    def label_names(self) -> tuple[str, ...]:
        """In the order in which values are given."""
        return tuple(label.name for label in self.labels)


@dataclass(frozen=True, kw_only=True)
class CounterSpec(Spec):
    """Only rises, until its process ends."""

    kind = "counter"

    def on(self, registry: CollectorRegistry) -> Counter:
        """The instrument. Where all values are known, it tells of each from the start: an increase
        is seen only of what was there before.
        """
        counter = Counter(self.name, self.meaning, self.label_names, registry=registry)
        if self.labels:
            for values in product(*(label.values for label in self.labels)):
                counter.labels(*values)
        return counter


@dataclass(frozen=True, kw_only=True)
class GaugeSpec(Spec):
    """How something stands now."""

    kind = "gauge"

    def on(self, registry: CollectorRegistry) -> Gauge:
        """The instrument."""
        return Gauge(self.name, self.meaning, self.label_names, registry=registry)


@dataclass(frozen=True, kw_only=True)
class HistogramSpec(Spec):
    """How values are spread over `buckets`, their upper bounds."""

    buckets: tuple[float, ...]

    kind = "histogram"

    def on(self, registry: CollectorRegistry) -> Histogram:
        """The instrument."""
        return Histogram(
            self.name, self.meaning, self.label_names, buckets=self.buckets, registry=registry
        )
