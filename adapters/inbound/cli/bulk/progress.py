"""A bar for whoever watches; nothing where standard error is no terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)


class Bar:
    """How far it is."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def reach(self, done: int) -> None:
        """So many are done."""
        self._progress.update(self._task, completed=done)


@contextmanager
def bar(label: str, total: int | None) -> Iterator[Bar]:
    """A bar to `total`; None where nobody knows it yet."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    shown = Progress(*columns, console=console, disable=not console.is_terminal)
    with shown as progress:
        yield Bar(progress, progress.add_task(label, total=total))
