"""The operator's view of the partitions."""

from rich.console import Console
from rich.table import Table

import bootstrap
from entrypoints.process import CannotStartError, configured, run_once


def list_states() -> None:
    """Print each partition's position. Raises `CannotStartError`."""
    _, container = configured()
    table = Table("partition", "next offset", "published", "epoch", "state", "updated")
    for one in run_once(bootstrap.list_partitions(container)):
        state = "posting" if one.halted is None else f"halted: {one.halted}"
        table.add_row(
            str(one.partition),
            str(one.next_offset),
            str(one.published_offset),
            str(one.epoch),
            state,
            one.updated_at.isoformat(timespec="seconds"),
        )
    Console().print(table)


def resume(partition: int, at_offset: int, reason: str) -> None:
    """End a halt and say where posting goes on. Raises `CannotStartError`."""
    if not reason.strip():
        raise CannotStartError("--reason must say why")
    _, container = configured()
    position = run_once(bootstrap.resume_partition(container, partition, at_offset, reason))
    print(f"Partition {partition} goes on at offset {position.next_offset}.")
