"""What is done beside the sending: replays, gauges, forgetting."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from adapters.metrics.catalogue import ENDPOINT_STANDINGS
from adapters.metrics.instruments import WebhookMetrics
from core.errors import UnavailableError
from core.ports.clock import Clock
from core.ports.webhooks.upkeep import WebhookUpkeep

UPKEEP_SECONDS: Final = 5.0
"""Between looks."""
REPLAY_SECONDS: Final = 0.5
"""Between looks for what is to be told again."""
MAX_FORGOTTEN: Final = 1_000
"""In one statement."""
MAX_PIECES: Final = 10
"""Of forgetting, one after the other."""

T = TypeVar("T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Works off replays, reports how it stands, and forgets what was done long ago."""

    upkeep: WebhookUpkeep
    work_off_replay: Callable[[], Awaitable[bool]]
    arrived: Callable[[], None]
    clock: Clock
    metrics: WebhookMetrics
    kept_days: int

    async def replay(self) -> None:
        """Work off replays until cancelled."""
        while True:
            if await self._tried(self.work_off_replay, False):
                self.arrived()
            else:
                await asyncio.sleep(REPLAY_SECONDS)

    async def look_after(self) -> None:
        """Report and forget until cancelled."""
        while True:
            await self._tried(self.report, None)
            await self._tried(self.forget, None)
            await asyncio.sleep(UPKEEP_SECONDS)

    async def report(self) -> None:
        """Set the gauges. Raises `LedgerUnavailableError`."""
        now = self.clock.now()
        endpoints, waiting, oldest_at = await self.upkeep.standing(now)
        for standing in ENDPOINT_STANDINGS:
            self.metrics.endpoints.labels(standing).set(endpoints.get(standing, 0))
        self.metrics.waiting.set(waiting)
        age_seconds = 0.0 if oldest_at is None else (now - oldest_at).total_seconds()
        self.metrics.oldest_waiting_seconds.set(max(age_seconds, 0.0))

    async def forget(self) -> None:
        """Forget some of what was done too long ago. Raises `LedgerUnavailableError`."""
        done_before = self.clock.now() - timedelta(days=self.kept_days)
        for _ in range(MAX_PIECES):
            if await self.upkeep.prune(done_before, MAX_FORGOTTEN) < MAX_FORGOTTEN:
                return

    async def _tried(self, work: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """The result; `otherwise` where it could not be had."""
        try:
            return await work()
        except UnavailableError as error:
            _log.warning("webhook_upkeep_waits", reason=str(error))
        except Exception:  # noqa: BLE001 (a bug here must not end it for good)
            _log.exception("webhook_upkeep_failed")
        return otherwise
