"""Keeping a `Backlog` up to date, behind the back of those who ask it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

import structlog

from adapters.backlog import Backlog
from adapters.metrics.instruments import AcceptingMetrics
from core.errors import UnavailableError
from core.ports.command_log import CommandLog
from core.ports.ledger_reader import LedgerReader

LOOK_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


class BacklogWatch:
    """Looks at the log's ends and the ledger's positions once a second while its context lasts.

    What is away changes nothing: its last figures stand, and those of the other side go on. So a
    backlog may outgrow its limit by what comes in a second through all processes.
    """

    def __init__(
        self, backlog: Backlog, log: CommandLog, reader: LedgerReader, metrics: AcceptingMetrics
    ) -> None:
        self._backlog = backlog
        self._log = log
        self._reader = reader
        self._metrics = metrics
        self._was_full: frozenset[int] = frozenset()
        self._looking: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        # Side by side: the one that is away may take its time to say so.
        self._looking = [
            asyncio.create_task(self._look_again_and_again(look), name="backlog-watch")
            for look in (self._look_at_log, self._look_at_ledger)
        ]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)

    async def _look_again_and_again(self, look: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                # Who is away, readiness and the log say already.
                with suppress(UnavailableError):
                    await look()
                    self._tell()
            except Exception:  # noqa: BLE001 (a bug here must not leave the limit unwatched for ever)
                _log.exception("backlog_watch_failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def _look_at_log(self) -> None:
        partitions = range(self._backlog.partition_count)
        self._backlog.log_ends_at(await asyncio.gather(*map(self._log.end, partitions)))

    async def _look_at_ledger(self) -> None:
        positions = await self._reader.positions()
        self._backlog.posted_up_to({one: at.next_offset for one, at in positions.items()})

    def _tell(self) -> None:
        full = self._backlog.full
        for partition in range(self._backlog.partition_count):
            self._metrics.partition_full.labels(str(partition)).set(partition in full)
        if full - self._was_full:
            _log.warning("partitions_full", partitions=sorted(full - self._was_full))
        if self._was_full - full:
            _log.info("partitions_have_room", partitions=sorted(self._was_full - full))
        self._was_full = full
