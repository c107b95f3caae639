"""Figures as one frame, which fits a terminal of 80 columns and 24 lines."""

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.inbound.cli.safe_text import safe_text
from adapters.inbound.cli.top.figures import Figures, Pages, Partition, Troubles, Webhooks
from adapters.inbound.cli.top.process import Looked
from adapters.inbound.cli.top.units import count_text, rate_text, size_text, time_text

HEADING: Final = "reverse"
WRONG: Final = "bold red"
WORTH_A_LOOK: Final = "yellow"
_STATE: Final = "state"
_OLD_SECONDS: Final = 10.0
"""So late is what should be posted in a fraction of a second."""
_LINES_AROUND: Final = 10
"""Of a frame, beside a line for each partition and for each process."""


def frame(figures: Figures, title: str, lines: int | None = None) -> RenderableType:
    """All of it; with `lines` no more than so many, and of the partitions the worst."""
    room = None if lines is None else lines - _LINES_AROUND - len(figures.processes)
    return Group(
        Text(safe_text(title), style="bold", no_wrap=True, overflow="ellipsis"),
        _flow(figures),
        _pages(figures.pages),
        _troubles(figures.troubles),
        _webhooks(figures.webhooks),
        _partitions(figures.partitions, room),
        _processes(figures.processes),
    )


def _flow(figures: Figures) -> Table:
    flow = figures.flow
    table = _table("accepted/s", "refused/s", "posted/s", "rejected/s", "in flight", "waiters")
    table.add_row(
        Text(rate_text(flow.accepted), style="bold"),
        _worth_a_look(flow.refused),
        Text(rate_text(flow.posted), style="bold"),
        rate_text(flow.rejected),
        count_text(flow.in_flight),
        count_text(flow.waiters),
    )
    return table


def _pages(pages: Pages) -> Table:
    """Means and 99th percentiles of the last interval."""
    table = _table("pages/s", "page size", "p99", "page time", "p99", "waited", "p99")
    records, seconds, waited = pages.records, pages.seconds, pages.waited_seconds
    table.add_row(
        rate_text(pages.per_second),
        size_text(records.mean),
        size_text(records.quantile(0.99)),
        time_text(seconds.mean),
        time_text(seconds.quantile(0.99)),
        time_text(waited.mean),
        time_text(waited.quantile(0.99)),
    )
    return table


def _troubles(troubles: Troubles) -> Text:
    return _line(
        f"troubles  dead letters held {count_text(troubles.dead_letters_held)}, "
        f"retries/s {rate_text(troubles.retries)}, "
        f"failed publishing/s {rate_text(troubles.publish_failures)}, "
        f"fences/s {rate_text(troubles.fences_hit)}",
        is_wrong=any(troubles),
    )


def _webhooks(webhooks: Webhooks) -> Text:
    return _line(
        f"webhooks  delivered/s {rate_text(webhooks.delivered)}, "
        f"failed/s {rate_text(webhooks.failed_calls)}, "
        f"waiting {count_text(webhooks.waiting)}, "
        f"oldest {time_text(webhooks.oldest_seconds)}, "
        f"not taken in {count_text(webhooks.intake_lag)}",
        is_wrong=bool(webhooks.failed_calls),
    )


def _partitions(partitions: Sequence[Partition], room: int | None) -> Table:
    table = _table("partition", "lag", "oldest", "unpublished", _STATE)
    shown = partitions if room is None else _worst(partitions, max(room, 1))
    for one in shown:
        table.add_row(
            str(one.partition),
            count_text(one.lag),
            _age(one),
            count_text(one.unpublished),
            _state(one),
        )
    left_out = len(partitions) - len(shown)
    lags = [one.lag for one in partitions if one.lag is not None]
    ages = [one.oldest_seconds for one in partitions if one.oldest_seconds is not None]
    table.add_row(
        "all" if not left_out else f"all {len(partitions)}",
        count_text(sum(lags) if lags else None),
        time_text(max(ages, default=None)),
        "",
        f"{left_out} not shown" if left_out else "",
    )
    return table


def _worst(partitions: Sequence[Partition], most: int) -> Sequence[Partition]:
    """Those that stand still or lie behind furthest, in the order of their numbers."""
    if len(partitions) <= most:
        return partitions
    by_trouble = sorted(
        partitions,
        key=lambda one: (
            one.is_halted or not one.is_owned,
            one.oldest_seconds or 0.0,
            one.lag or 0.0,
        ),
        reverse=True,
    )
    return sorted(by_trouble[:most])


def _age(one: Partition) -> Text:
    is_old = one.oldest_seconds is not None and one.oldest_seconds >= _OLD_SECONDS
    return Text(time_text(one.oldest_seconds), style=WORTH_A_LOOK if is_old else "")


def _state(one: Partition) -> Text:
    if one.is_halted:
        return Text("halted", style=WRONG)
    if not one.is_owned:
        return Text("no processor", style=WRONG)
    return Text("full", style=WRONG) if one.is_full else Text("posting")


def _processes(processes: Sequence[Looked]) -> Table:
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style=HEADING)
    table.add_column("process", no_wrap=True)
    table.add_column("address", no_wrap=True)
    table.add_column(_STATE, ratio=1, no_wrap=True, overflow="ellipsis")
    for one in processes:
        table.add_row(one.address.kind.value, safe_text(one.address.url), _standing(one))
    return table


def _standing(one: Looked) -> Text:
    if one.away is not None:
        return Text(f"away: {safe_text(one.away)}", style=WRONG)
    troubles = [f"{name}: {why}" for name, why in one.dependencies.items() if why is not None]
    state = "ready" if one.is_ready else "not ready"
    if troubles:
        style = WORTH_A_LOOK if one.is_ready else WRONG
        return Text(f"{state}; {safe_text('; '.join(troubles))}", style=style)
    names = safe_text(", ".join(one.dependencies))
    return Text(f"{state}: {names}", style="" if one.is_ready else WRONG)


def _table(*names: str) -> Table:
    """Columns of figures of equal width; a `state` is text, and has twice as much."""
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style=HEADING)
    for name in names:
        is_text = name == _STATE
        table.add_column(
            name,
            justify="left" if is_text else "right",
            ratio=2 if is_text else 1,
            no_wrap=True,
            overflow="ellipsis",
        )
    return table


def _line(text: str, *, is_wrong: bool = False) -> Text:
    return Text(text, style=WORTH_A_LOOK if is_wrong else "", no_wrap=True, overflow="ellipsis")


def _worth_a_look(value: float | None) -> Text:
    return Text(rate_text(value), style=WORTH_A_LOOK if value else "")
