"""Looking for holds whose time is over, again and again."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final

import structlog

from adapters.inbound.worker.pool import WorkerPool
from core.errors import UnavailableError

EXPIRY_SECONDS: Final = 0.5
"""A hold is to be free within two seconds; most of them are left to Kafka and the ledger."""
AWAY_SECONDS: Final = 2.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HoldExpiry:
    """Has the due holds of this process's partitions expire."""

    pool: WorkerPool
    expire_holds: Callable[[Collection[int]], Awaitable[int]]

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            pause_seconds = await self._look()
            await asyncio.sleep(pause_seconds)

    async def _look(self) -> float:
        """Seconds until the next look."""
        # What a partition that stands still is asked for would only pile up in its log.
        partitions = [
            number
            for number, worker in self.pool.workers.items()
            if worker.halted is None and worker.failing is None
        ]
        if not partitions:
            return EXPIRY_SECONDS
        try:
            asked = await self.expire_holds(partitions)
        except UnavailableError as error:
            _log.warning("holds_not_expired", reason=str(error))
            return AWAY_SECONDS
        except Exception:  # noqa: BLE001 (a bug here must not keep later holds for ever)
            _log.exception("hold_expiry_failed")
            return AWAY_SECONDS
        if asked:
            _log.info("hold_expiries_asked_for", holds=asked)
        return EXPIRY_SECONDS
