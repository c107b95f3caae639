"""Keeping a `Backlog` up to date, behind the back of those who ask it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import structlog

from adapters.background import repeat
from adapters.backlog import Backlog
from adapters.metrics.instruments import AcceptingMetrics
from core.errors import UnavailableError
from core.ports.command_log import CommandLog
from core.ports.ledger_reader import LedgerReader

LOOK_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BacklogWatch:
    """Looks at the log's ends and the ledger's positions once a second.

    What is away changes nothing: its last figures stand, and those of the other side go on. So a
    backlog may outgrow its limit by what comes in a second through all processes.
    """

    backlog: Backlog
    log: CommandLog
    reader: LedgerReader
    metrics: AcceptingMetrics

    async def run(self) -> None:
        """Look until cancelled; side by side, since who is away may take its time to say so."""
        looks = self._look_at_log, self._look_at_ledger
        await asyncio.gather(
            *(repeat(look, LOOK_SECONDS, "backlog_watch_failed") for look in looks)
        )

    async def _look_at_log(self) -> None:
        with suppress(UnavailableError):  # readiness and the log say so already
            ends = await asyncio.gather(*map(self.log.end, range(self.backlog.partition_count)))
            with self._telling():
                self.backlog.log_ends_at(ends)

    async def _look_at_ledger(self) -> None:
        with suppress(UnavailableError):  # readiness and the log say so already
            positions = await self.reader.positions()
            with self._telling():
                self.backlog.posted_up_to({one: at.next_offset for one, at in positions.items()})

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell of the partitions that become full, or have room again, meanwhile."""
        before = self.backlog.full
        yield
        full = self.backlog.full
        for partition in range(self.backlog.partition_count):
            self.metrics.partition_full.labels(str(partition)).set(partition in full)
        if full - before:
            _log.warning("partitions_full", partitions=sorted(full - before))
        if before - full:
            _log.info("partitions_have_room", partitions=sorted(before - full))
