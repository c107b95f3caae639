"""CPU time per transaction, by process."""

import resource
from collections.abc import Mapping
from typing import Final

from tests.load.cpu import Seconds, of_processes

GENERATOR: Final = "load generator"


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """What each process has taken since it began, and what this one has."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return {**of_processes(pids), GENERATOR: own.ru_utime + own.ru_stime}


def per_thousand(before: Seconds, after: Seconds, transactions: int) -> dict[str, float]:
    """CPU seconds per 1,000 transactions."""
    thousands = max(transactions, 1) / 1_000
    return {name: (after[name] - before[name]) / thousands for name in before}
