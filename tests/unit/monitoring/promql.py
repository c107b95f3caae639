"""What an expression of PromQL asks of the metrics that exist."""

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any, Final, NamedTuple

import promql_parser
from promql_parser import Expr

from adapters.inbound.http.operations.all import API
from adapters.inbound.http.operations.health import HEALTH
from adapters.metrics.catalogue import CATALOGUE, UNMATCHED
from adapters.metrics.instruments import Metrics
from adapters.metrics.spec import HistogramSpec

OF_THE_SCRAPE: Final = frozenset({"job", "instance"})
"""Labels that Prometheus itself adds to whatever it is told."""
ANY: Final[frozenset[str]] = frozenset()
"""Of a label whose values are not a list."""
_ROUTES: Final = {*(one.path for one in API), *(one.path for one in HEALTH), UNMATCHED}
VALUES: Final = {"route": frozenset(_ROUTES)}
"""What the catalogue knows by its meaning alone."""
RANGES: Final = {"$__rate_interval": "5m"}
"""What Grafana writes in their place."""
_LITERAL_VALUES: Final = re.compile(r"[a-z_0-9/|]+", re.ASCII)

Labels = Mapping[str, Set[str]]


class Selected(NamedTuple):
    """A metric as an expression selects it: the labels it matches, each with the values that it
    names where these can be listed.
    """

    metric: str
    matched: Labels


def told_metrics() -> Mapping[str, Labels]:
    """Every series that a process tells, and Prometheus' own: the labels of each."""
    told: dict[str, Labels] = {"up": {}}
    for spec in CATALOGUE:
        labels = {
            label.name: frozenset(label.values) or VALUES.get(label.name, ANY)
            for label in spec.labels
        }
        if isinstance(spec, HistogramSpec):
            told[f"{spec.name}_bucket"] = labels | {"le": ANY}
            told |= {f"{spec.name}_{suffix}": labels for suffix in ("sum", "count")}
        else:
            told[spec.name] = labels
    for family in Metrics().registry.collect():
        if family.name.startswith("process"):
            told |= {sample.name: {} for sample in family.samples}
    return told


def wrong_in(text: str) -> list[str]:
    """What the expression names that does not exist. Raises `ValueError` where it is no PromQL."""
    for variable, stands_for in RANGES.items():
        text = text.replace(variable, stands_for)
    nodes = _nodes(promql_parser.parse(text))
    told = told_metrics()
    selected = [_selected(one) for one in nodes if hasattr(one, "matchers")]
    wrong = [f"{one.metric} is no metric" for one in selected if one.metric not in told]
    known = [one for one in selected if one.metric in told]
    for one in known:
        wrong += _wrong_labels(one, told[one.metric])
    possible = {label for one in known for label in told[one.metric]} | OF_THE_SCRAPE
    wrong += [
        f"nothing here has a label {one}" for one in _grouped_by(nodes) if one not in possible
    ]
    return wrong


def _nodes(expression: Expr) -> list[Any]:
    nodes: list[Any] = []
    promql_parser.walk(expression, nodes.append)
    return nodes


def _selected(selector: Any) -> Selected:
    matchers = selector.matchers.matchers
    return Selected(selector.name or "", {one.name: _values(one.value) for one in matchers})


def _values(pattern: str) -> Set[str]:
    return frozenset(pattern.split("|")) if _LITERAL_VALUES.fullmatch(pattern) else ANY


def _wrong_labels(selected: Selected, labels: Labels) -> Iterator[str]:
    for label, values in selected.matched.items():
        if label in OF_THE_SCRAPE:
            continue
        if label not in labels:
            yield f"{selected.metric} has no label {label}"
        elif labels[label]:
            for value in sorted(values - labels[label]):
                yield f"{label} of {selected.metric} is never {value}"


def _grouped_by(nodes: list[Any]) -> Iterator[str]:
    for node in nodes:
        modifier = getattr(node, "modifier", None)
        matching = getattr(modifier, "matching", modifier)
        yield from getattr(matching, "labels", None) or ()
