"""How the values of a histogram are spread."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isinf


@dataclass(frozen=True, slots=True)
class Spread:
    """`count` values whose sum is `total`; `at_most` counts those up to each bound."""

    count: float = 0.0
    total: float = 0.0
    at_most: Mapping[float, float] = field(default_factory=dict)

    @property
    def mean(self) -> float | None:
        """None of no values."""
        return self.total / self.count if self.count else None

    def quantile(self, fraction: float) -> float | None:
        """About what so many of the values do not exceed; None of no values.

        Values are taken to lie evenly between two bounds, and none beyond the last one but
        infinity, as Prometheus does.
        """
        if not self.count:
            return None
        wanted = fraction * self.count
        lower, below = 0.0, 0.0
        for bound, count in sorted(self.at_most.items()):
            if count >= wanted:
                if isinf(bound):
                    return lower
                return lower + (bound - lower) * (wanted - below) / (count - below)
            lower, below = bound, count
        return lower


def since(before: Spread, after: Spread) -> Spread:
    """What came between: all of `after` where it has fewer values, since they were lost before."""
    if after.count < before.count:
        return after
    return Spread(
        after.count - before.count,
        after.total - before.total,
        {bound: count - before.at_most.get(bound, 0.0) for bound, count in after.at_most.items()},
    )


def together(spreads: Iterable[Spread]) -> Spread:
    """All of their values; they have the same bounds."""
    count = total = 0.0
    at_most: dict[float, float] = {}
    for one in spreads:
        count += one.count
        total += one.total
        for bound, values in one.at_most.items():
            at_most[bound] = at_most.get(bound, 0.0) + values
    return Spread(count, total, at_most)
