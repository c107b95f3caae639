"""Figures as JSON."""

from adapters.inbound.cli.answers import JsonObject
from adapters.inbound.cli.top.figures import Figures
from adapters.inbound.cli.top.process import Looked
from adapters.inbound.cli.top.spread import Spread


def document_of(figures: Figures) -> JsonObject:
    """One object; null is what nobody was there to say. Times are in seconds."""
    pages = figures.pages
    return {
        "per_second": figures.flow._asdict(),
        "pages": {
            "per_second": pages.per_second,
            "records": _spread(pages.records),
            "seconds": _spread(pages.seconds),
            "accepted_to_posted_seconds": _spread(pages.waited_seconds),
        },
        "troubles": figures.troubles._asdict(),
        "webhooks": figures.webhooks._asdict(),
        "partitions": [one._asdict() for one in figures.partitions],
        "processes": [_process(one) for one in figures.processes],
    }


def _spread(spread: Spread) -> JsonObject:
    return {"mean": spread.mean, "p99": spread.quantile(0.99)}


def _process(one: Looked) -> JsonObject:
    return {
        "kind": one.address.kind.value,
        "url": one.address.url,
        "away": one.away,
        "is_ready": one.is_ready,
        "dependencies": dict(one.dependencies),
    }
