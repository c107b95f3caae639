"""CPU time that the stack's processes took, and k6."""

import resource
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import psutil

POSTGRES: Final = "postgres"
Seconds = Mapping[str, float]
"""User and system, by the name of the process."""


def of_processes(pids: Mapping[str, int]) -> dict[str, float]:
    """What each has taken since it began; PostgreSQL with its children, which are its sessions.

    A process that is gone is left out.
    """
    seconds = {}
    for name, pid in pids.items():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            sessions = _of_children(process) if name == POSTGRES else 0.0
            seconds[name] = sessions + _of(process)
    return seconds


def of_ended_children() -> float:
    """What the children of this process took that have ended. The stack's are not among them
    while it runs.
    """
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def between(before: Seconds, after: Seconds) -> dict[str, float]:
    """By process; of those that ran all the while."""
    return {name: round(after[name] - before[name], 2) for name in before if name in after}


def _of_children(process: psutil.Process) -> float:
    seconds = 0.0
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            seconds += _of(child)
    return seconds


def _of(process: psutil.Process) -> float:
    times = process.cpu_times()
    # Children that have ended are in their parent's times. Not on macOS, which keeps none.
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + ended)
