"""The operator's view of what waits to be posted."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

import bootstrap
from core.entities.lag import PartitionLag
from entrypoints.process import configured, run_once


def show(*, as_json: bool) -> None:
    """Print each partition's lag, and the sum. Raises `CannotStartError`."""
    _, container = configured()
    lags = run_once(bootstrap.measure_lag(container))
    if as_json:
        print(json.dumps(_document(lags)))
    else:
        Console().print(_table(lags))


def _document(lags: Sequence[PartitionLag]) -> dict[str, object]:
    partitions = [
        {
            "partition": one.partition,
            "end_offset": one.end_offset,
            "next_offset": one.next_offset,
            "lag_records": one.records,
            "oldest_age_seconds": one.oldest_age_seconds,
            "halted": one.halted,
        }
        for one in lags
    ]
    return {"partitions": partitions, "lag_records": sum(one.records for one in lags)}


def _table(lags: Sequence[PartitionLag]) -> Table:
    table = Table("partition", "log end", "next offset", "lag", "oldest", "state")
    for one in lags:
        table.add_row(
            str(one.partition),
            str(one.end_offset),
            str(one.next_offset),
            str(one.records),
            _age(one),
            "ok" if one.halted is None else f"halted: {one.halted}",
        )
    table.add_section()
    table.add_row("all", "", "", str(sum(one.records for one in lags)))
    return table


def _age(one: PartitionLag) -> str:
    if one.oldest_age_seconds is not None:
        return f"{one.oldest_age_seconds:.1f} s"
    return "" if one.records == 0 else "not in the log"
