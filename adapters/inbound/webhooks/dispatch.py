"""A courier for every endpoint that has something due."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

from adapters.inbound.webhooks.courier import Courier
from core.errors import UnavailableError
from core.ports.clock import Clock
from core.ports.webhooks.queue import WebhookQueue

LOOK_SECONDS: Final = 0.5
"""Between looks for what another process made due, or time did."""
AWAY_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Dispatch:
    """Keeps one courier under way for each endpoint with something due: one that is slow, hangs or
    fails holds up its own deliveries and nobody else's.
    """

    queue: WebhookQueue
    courier: Courier
    clock: Clock
    drain_seconds: float
    _couriers: dict[UUID, "asyncio.Task[None]"] = field(default_factory=dict, init=False)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _is_stopping: bool = field(default=False, init=False)

    def arrived(self) -> None:
        """Look at once."""
        self._arrived.set()

    async def run(self) -> None:
        """Dispatch until cancelled; then what is under way has a named time to be over."""
        self._is_stopping = False
        try:
            while True:
                await self._look()
                await self._pause()
        finally:
            await self._stop()

    async def _look(self) -> None:
        for endpoint_id in await self._due():
            if endpoint_id not in self._couriers:
                task = asyncio.create_task(self._bring(endpoint_id), name=f"courier-{endpoint_id}")
                self._couriers[endpoint_id] = task

    async def _due(self) -> Sequence[UUID]:
        try:
            return await self.queue.due(self.clock.now())
        except UnavailableError as error:
            _log.warning("webhooks_not_sent", reason=str(error))
        except Exception:  # noqa: BLE001 (a bug here must not end all sending)
            _log.exception("webhook_dispatch_failed")
        await asyncio.sleep(AWAY_SECONDS)
        return ()

    async def _bring(self, endpoint_id: UUID) -> None:
        try:
            await self.courier.bring(endpoint_id, lambda: self._is_stopping)
        except UnavailableError as error:
            _log.warning("webhooks_not_sent", endpoint=str(endpoint_id), reason=str(error))
            await asyncio.sleep(AWAY_SECONDS)
        except Exception:  # noqa: BLE001 (a bug at one endpoint is none of the others' business)
            _log.exception("webhook_courier_failed", endpoint=str(endpoint_id))
            await asyncio.sleep(AWAY_SECONDS)
        finally:
            del self._couriers[endpoint_id]

    async def _pause(self) -> None:
        self._arrived.clear()
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._arrived.wait()
        except TimeoutError:
            pass

    async def _stop(self) -> None:
        self._is_stopping = True
        under_way = list(self._couriers.values())
        if under_way:
            await asyncio.wait(under_way, timeout=self.drain_seconds)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
