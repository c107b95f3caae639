"""One answer of `GET /metrics`, read, and what has happened between two of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from adapters.inbound.cli.top.spread import Spread, since
from adapters.metrics.spec import CounterSpec, GaugeSpec, HistogramSpec


class Scrape(NamedTuple):
    """The samples of one process by their names, read at `at_seconds` of a clock that never goes
    back.
    """

    at_seconds: float
    samples: Mapping[str, Sequence[Sample]]

    def values(self, spec: GaugeSpec) -> Sequence[float]:
        """Those of all series of a gauge."""
        return [one.value for one in self.samples.get(spec.name, ())]

    def by_label(self, spec: GaugeSpec, label: str) -> Mapping[str, float]:
        """Its values, by those of a label."""
        return {one.labels[label]: one.value for one in self.samples.get(spec.name, ())}

    def spread(self, spec: HistogramSpec) -> Spread:
        """How all values are spread since the process began."""
        return Spread(
            count=sum(one.value for one in self.samples.get(f"{spec.name}_count", ())),
            total=sum(one.value for one in self.samples.get(f"{spec.name}_sum", ())),
            at_most={
                float(one.labels["le"]): one.value
                for one in self.samples.get(f"{spec.name}_bucket", ())
            },
        )


def read_scrape(text: str, at_seconds: float) -> Scrape:
    """The samples in `text`. Raises `ValueError` where it is no exposition."""
    samples: dict[str, list[Sample]] = defaultdict(list)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples[sample.name].append(sample)
    return Scrape(at_seconds, samples)


class Interval(NamedTuple):
    """Two scrapes of one process, the earlier one first.

    A counter that fell belongs to a process that was started anew: all that it shows is new.
    """

    before: Scrape
    after: Scrape

    @property
    def seconds(self) -> float:
        """How far they lie apart."""
        return self.after.at_seconds - self.before.at_seconds

    def rate(self, spec: CounterSpec, **labels: str) -> float:
        """How much the counter rose in a second, over all of its series with these labels."""
        before, after = (_series(one, spec, labels) for one in self)
        risen = sum(_risen(before.get(series, 0.0), value) for series, value in after.items())
        return risen / self.seconds

    def spread(self, spec: HistogramSpec) -> Spread:
        """How the values of this interval are spread."""
        return since(self.before.spread(spec), self.after.spread(spec))


def _series(
    scrape: Scrape, spec: CounterSpec, labels: Mapping[str, str]
) -> Mapping[frozenset[tuple[str, str]], float]:
    return {
        frozenset(one.labels.items()): one.value
        for one in scrape.samples.get(spec.name, ())
        if labels.items() <= one.labels.items()
    }


def _risen(before: float, after: float) -> float:
    return after - before if after >= before else after
