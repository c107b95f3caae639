"""`GET /livez`, `/readyz` and `/metrics`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.aiohttp import make_aiohttp_handler

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.operation import Handler
from adapters.representations import Json
from core.ports.dependency import Dependency


@dataclass(frozen=True, slots=True)
class HealthHandlers:
    """Tells whether the process lives, and whether it can do its work.

    Ready is who has every dependency named in `required`; the others are reported only.
    """

    dependencies: Sequence[Dependency]
    required: frozenset[str]
    registry: CollectorRegistry

    async def live(self, request: web.Request) -> web.Response:
        """The process answers: more is not asked here."""
        return json_answer({"status": "alive"})

    async def ready(self, request: web.Request) -> web.Response:
        """The state of each dependency, by name."""
        troubles = await asyncio.gather(*(one.trouble() for one in self.dependencies))
        found = dict(zip((one.name for one in self.dependencies), troubles, strict=True))
        is_ready = all(found.get(name, "is not known") is None for name in self.required)
        body = {
            "status": "ready" if is_ready else "not_ready",
            "dependencies": {name: _state(trouble) for name, trouble in found.items()},
        }
        return json_answer(body, 200 if is_ready else 503)

    @property
    def metrics(self) -> Handler:
        """What Prometheus scrapes."""
        return make_aiohttp_handler(self.registry)


def _state(trouble: str | None) -> Json:
    return {"status": "up"} if trouble is None else {"status": "down", "detail": trouble}
