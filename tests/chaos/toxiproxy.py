"""Toxiproxy: a proxy that spoils connections when it is told to."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp

from infra.local.ports import HOST
from infra.local.process import Command, Process, spawn
from infra.local.refused import Refused
from infra.local.waiting import until_ready

PROGRAM: Final = Path(sys.executable).with_name("toxiproxy")
READY_SECONDS: Final = 30.0
ANSWER_SECONDS: Final = 5.0
TOXICS: Final[Mapping[str, tuple[str, Mapping[str, int]]]] = {
    "latency": ("latency", {"latency": 400, "jitter": 300}),
    "reset": ("reset_peer", {"timeout": 100}),
    "black-hole": ("timeout", {"timeout": 0}),
    "cut-replies": ("limit_data", {"bytes": 1_000}),
    "slow-close": ("slow_close", {"delay": 2_000}),
}
"""What a fault calls it, what Toxiproxy does, and how: milliseconds, and bytes of replies."""


class Toxiproxy:
    """A server, with a proxy from each port of `routes` to another one, by name."""

    name = "toxiproxy"

    def __init__(self, port: int, routes: Mapping[str, tuple[int, int]], logs: Path) -> None:
        self._url = f"http://{HOST}:{port}"
        self._port = port
        self._routes = routes
        self._log = logs / "toxiproxy.log"
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        """The server that was started last."""
        if self._process is None:
            raise RuntimeError("toxiproxy was not started")
        return self._process

    async def start(self, record: Callable[[str, int], None] | None = None) -> Process:
        """Start it; `Refused` where it was not built."""
        if not PROGRAM.exists():
            raise Refused(f"{PROGRAM} is missing; make chaos builds it.")
        argv = [str(PROGRAM), "-host", HOST, "-port", str(self._port)]
        self._process = await spawn(Command("toxiproxy", argv, self._log), record)
        return self._process

    async def ready(self) -> None:
        """Return when all of its proxies take connections."""
        await until_ready(self.process, self._answers, READY_SECONDS)
        for name, (port, to_port) in self._routes.items():
            proxy = {"name": name, "listen": f"{HOST}:{port}", "upstream": f"{HOST}:{to_port}"}
            await self._ask("POST", "/proxies", proxy)

    async def spoil(self, proxy: str, toxic: str) -> None:
        """Spoil what comes back through that proxy from now on."""
        kind, attributes = TOXICS[toxic]
        content = {
            "name": toxic,
            "type": kind,
            "stream": "downstream",
            "toxicity": 1.0,
            "attributes": attributes,
        }
        await self._ask("POST", f"/proxies/{proxy}/toxics", content)

    async def mend(self) -> None:
        """Spoil nothing any more."""
        await self._ask("POST", "/reset")

    async def _answers(self) -> bool:
        try:
            await self._ask("GET", "/version")
        except (aiohttp.ClientError, TimeoutError):
            return False
        return True

    async def _ask(self, method: str, path: str, content: Any = None) -> None:
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with (
            aiohttp.ClientSession(self._url, timeout=timeout) as session,
            session.request(method, path, json=content) as answer,
        ):
            answer.raise_for_status()
