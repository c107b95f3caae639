"""A second processor, or a second API, beside the one of `make run`."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp

from infra.local.ports import Ports
from infra.local.postgres import API, PROCESSOR, WEBHOOKS
from tests.running_stack import CHECKOUT, Run

_ROLES: Final = {"api": API, "processor": PROCESSOR, "webhooks": WEBHOOKS}


@dataclass
class AnotherProcess:
    """A process of its own, on the same log and the same books."""

    process: asyncio.subprocess.Process
    port: int

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    async def is_ready(self) -> bool:
        """Whether it says so."""
        try:
            async with aiohttp.ClientSession(self.url) as session, session.get("/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def has_posted(self) -> bool:
        """Whether it has posted a page: so it was given partitions, and their money."""
        try:
            async with (
                aiohttp.ClientSession(self.url) as session,
                session.get("/metrics") as answer,
            ):
                lines = (await answer.text()).splitlines()
        except aiohttp.ClientError:
            return False
        counts = [line.split()[1] for line in lines if line.startswith("counterfoil_pages_posted")]
        return any(float(count) > 0 for count in counts)

    async def end(self, number: signal.Signals) -> None:
        """Send the signal, and return when it is gone."""
        self.process.send_signal(number)
        await self.process.wait()


@asynccontextmanager
async def another_process(run: Run, name: str) -> AsyncIterator[AnotherProcess]:
    """An `api`, a `processor` or `webhooks`: started, and ended by SIGTERM unless it
    has ended before.
    """
    port = Ports(run.data.with_name("another-port.json")).choose("another")["another"]
    environment = {
        **run.settings(_ROLES[name]),
        "COUNTERFOIL_HTTP_PORT": str(port),
        "COUNTERFOIL_PROCESSOR_HTTP_PORT": str(port),
        "COUNTERFOIL_WEBHOOKS_HTTP_PORT": str(port),
    }
    with run.data.with_name(f"another-{name}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "entrypoints.cli", name),
            stderr=log,
            cwd=CHECKOUT,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    another = AnotherProcess(process, port)
    try:
        yield another
    finally:
        if process.returncode is None:
            await another.end(signal.SIGTERM)
