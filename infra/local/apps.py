"""The product's own processes, as the `counterfoil` command runs them."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from infra.local.java import CHECKOUT
from infra.local.ports import HOST
from infra.local.process import Command, Process, complete, spawn
from infra.local.waiting import until_ready

COUNTERFOIL: tuple[str, ...] = (sys.executable, "-m", "entrypoints.cli")
PREFIX = "COUNTERFOIL_"
# A user may set these; all others that the stack sets have to fit each other.
DEFAULTS = {
    f"{PREFIX}HTTP_HOST": HOST,
    f"{PREFIX}LOG_FORMAT": "json",
    # Whoever tries webhooks here has a receiver here.
    f"{PREFIX}WEBHOOKS_ALLOW_LOOPBACK": "1",
}
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
READY_SECONDS = 60.0
ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class AppSettings:
    """What the product is told of its surroundings."""

    http_port: int
    processor_http_port: int
    webhooks_http_port: int
    kafka: str

    @property
    def url(self) -> str:
        """Where the API is reached from this machine."""
        host = self.environment("")[f"{PREFIX}HTTP_HOST"]
        return f"http://{HOST if host in EVERYWHERE else host}:{self.http_port}"

    @property
    def processor_url(self) -> str:
        """Where the processor tells of its health."""
        return f"http://{HOST}:{self.processor_http_port}"

    @property
    def webhooks_url(self) -> str:
        """Where the webhooks tell of their health."""
        return f"http://{HOST}:{self.webhooks_http_port}"

    def environment(self, dsn: str) -> dict[str, str]:
        """The environment of a process that connects to PostgreSQL with this DSN."""
        return {**DEFAULTS, **os.environ, **self._fixed(dsn)}

    def overruled(self) -> list[str]:
        """The variables that the user has set in vain."""
        return sorted(name for name in self._fixed("") if name in os.environ)

    def _fixed(self, dsn: str) -> Mapping[str, str]:
        return {
            f"{PREFIX}PROFILE": "embedded",
            f"{PREFIX}HTTP_PORT": str(self.http_port),
            f"{PREFIX}PROCESSOR_HTTP_PORT": str(self.processor_http_port),
            f"{PREFIX}WEBHOOKS_HTTP_PORT": str(self.webhooks_http_port),
            f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            f"{PREFIX}KAFKA_REPLICATION_FACTOR": "1",
            f"{PREFIX}POSTGRES_DSN": dsn,
        }


class App:
    """One verb of the command, perhaps with words behind it: a server (`start`, `ready`) or a job
    (`run`).
    """

    def __init__(
        self,
        name: str,
        *,
        counterfoil: Sequence[str],
        environment: Mapping[str, str],
        logs: Path,
        url: str = "",
        words: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self._process: Process | None = None
        self._ready_url = f"{url}/readyz"
        self._command = Command(
            name=name,
            argv=[*counterfoil, name, *words],
            log=self.log,
            environment=environment,
            folder=CHECKOUT,
        )

    async def run(self) -> None:
        """Do the job to its end; `Died` if it fails."""
        await complete(self._command)

    @property
    def process(self) -> Process:
        """The server that was started last."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process

    async def start(self, record: Callable[[str, int], None] | None = None) -> Process:
        """Start the server; it serves when `ready` returns."""
        self._process = await spawn(self._command, record)
        return self._process

    async def ready(self) -> None:
        """Return when it says that it is ready."""
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        ) as session:

            async def answers() -> bool:
                try:
                    async with session.get(self._ready_url) as answer:
                        return answer.status == 200
                except (aiohttp.ClientError, TimeoutError, OSError):
                    return False

            await until_ready(self.process, answers, READY_SECONDS)
