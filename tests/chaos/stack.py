"""The stack that chaos is made in: processes by name, to be killed, paused, started again."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import psutil

from infra.local.apps import App, AppSettings
from infra.local.ports import HOST, Ports
from infra.local.postgres import API, OWNER, PROCESSOR, WEBHOOKS, LocalPostgres
from infra.local.process import Process, last_words
from tests.chaos.books import LostBooks
from tests.chaos.disk import Disk, disk_in
from tests.chaos.proxied_kafka import ProxiedKafka
from tests.chaos.toxiproxy import Toxiproxy
from tests.servers import scratch_folder

PARTITIONS: Final = 8
PROCESSORS: Final = ("processor-1", "processor-2")
ARMED: Final = ("api", *PROCESSORS)
"""Those that have points."""
APPS: Final = (*ARMED, "webhooks")
SERVERS: Final = ("kafka", "postgres")
STOPPING_ORDER: Final = (*APPS, *SERVERS, "toxiproxy")
CALL_SECONDS: Final = 2
_QUICK: Final = {"COUNTERFOIL_WEBHOOKS_CALL_SECONDS": str(CALL_SECONDS)}
"""What a killed process was about to deliver is another's the sooner, the shorter a call may be."""
KAFKA_PROXY: Final = "kafka"
"""Between the API and Kafka; those of PostgreSQL bear the names of their processors."""


class Server(Protocol):
    """Something that runs as one process, whichever one that is now."""

    @property
    def process(self) -> Process:
        """The process that was started last."""

    async def start(self, record: Callable[[str, int], None] | None = None) -> Process:
        """Start it, for the first time or again."""

    async def ready(self) -> None:
        """Return when it serves."""


@dataclass
class ChaosStack:
    """PostgreSQL, Kafka, an API, two processors and webhooks, all of them running at first.

    `died` names those that ended though nobody had ended them, with their last words;
    `lost` has what the books said each time that they were put back.
    """

    url: str
    folder: Path
    postgres: LocalPostgres
    kafka: ProxiedKafka
    toxiproxy: Toxiproxy
    disk: Disk
    apps: Mapping[str, App]
    died: list[str] = field(default_factory=list)
    lost: list[LostBooks] = field(default_factory=list)

    @property
    def servers(self) -> Mapping[str, Server]:
        """All that can be killed, by name."""
        return {"kafka": self.kafka, "postgres": self.postgres, **self.apps}

    @property
    def dsn(self) -> str:
        """The owner's way into the books, by no proxy."""
        return self.postgres.dsn(OWNER)

    @property
    def environment(self) -> Mapping[str, str]:
        """Of an operator, who is the books' owner."""
        return AppSettings(0, 0, 0, self.kafka.bootstrap_servers).environment(self.dsn)

    def armed(self, name: str) -> Path:
        """The file that makes that process kill itself."""
        return self.folder / f"{name}.armed"

    def pids(self, name: str) -> list[int]:
        """The processes behind a name: PostgreSQL has one for each session."""
        pid = self.servers[name].process.pid
        with suppress(psutil.NoSuchProcess):
            return [pid, *(one.pid for one in psutil.Process(pid).children(recursive=True))]
        return [pid]

    async def kill(self, name: str) -> None:
        """As `kill -9` does; returns when it is gone."""
        process = self.servers[name].process
        process.send(signal.SIGKILL)
        await process.ended()

    async def begin(self, name: str) -> None:
        """Start it if it does not run, and wait for nothing."""
        self.armed(name).unlink(missing_ok=True)
        if not self.servers[name].process.runs:
            await self.servers[name].start()

    async def revive(self, *names: str) -> None:
        """Start those that do not run, and return when all of these serve."""
        for name in names:
            await self.begin(name)
        await asyncio.gather(*(self.servers[name].ready() for name in names))

    async def recover(self) -> None:
        """Take away whatever was done to it, and return when all of it serves."""
        for name in self.servers:
            self.resume(name)
        await self.toxiproxy.mend()
        process = self.postgres.process
        await self.disk.empty(process.pid if process.runs else None)
        await self.revive(*SERVERS)
        await self.revive(*APPS)

    def pause(self, name: str) -> None:
        """As SIGSTOP does, all of it."""
        _signal(self.pids(name), signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """As SIGCONT does."""
        _signal(self.pids(name), signal.SIGCONT)

    async def stop(self) -> None:
        """Stop what runs, in order."""
        for name in STOPPING_ORDER:
            server = self.toxiproxy if name == "toxiproxy" else self.servers[name]
            with suppress(RuntimeError):
                await server.process.stop()

    def keep_logs(self, folder: Path) -> None:
        """Copy what all processes logged to that folder, in the place of what was there."""
        shutil.rmtree(folder, ignore_errors=True)
        for log in self.folder.glob("**/*.log"):
            place = folder / log.relative_to(self.folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(log, place)

    def note_dead(self) -> None:
        """Remember who has ended by itself. To be asked when everything is to run."""
        for name, server in self.servers.items():
            if not server.process.runs:
                log = server.process.command.log
                self.died.append(f"{name} ended by itself:\n{last_words(log)}")


@asynccontextmanager
async def chaos_stack(logs: Path) -> AsyncIterator[ChaosStack]:
    """The stack, running, on free ports; at the end its logs are in `logs`, the rest is gone."""
    with scratch_folder() as folder, ExitStack() as disks:
        place = folder / "postgres"
        place.mkdir(mode=0o711)
        disk = disks.enter_context(disk_in(place))
        stack = await _prepared(folder, LocalPostgres(place), disk)
        try:
            await _start(stack)
            yield stack
        finally:
            await stack.stop()
            stack.keep_logs(logs)
            stack.postgres.remove()


async def _prepared(folder: Path, postgres: LocalPostgres, disk: Disk) -> ChaosStack:
    ports = Ports(folder / "ports.json").choose(
        *APPS, "door", "toxiproxy", KAFKA_PROXY, *(f"postgres of {one}" for one in PROCESSORS)
    )
    logs = folder / "logs"
    kafka = ProxiedKafka(folder / "kafka", door_port=ports["door"], proxy_port=ports[KAFKA_PROXY])
    await asyncio.gather(postgres.prepare(), kafka.prepare())
    routes = {KAFKA_PROXY: (ports[KAFKA_PROXY], ports["door"])} | {
        one: (ports[f"postgres of {one}"], postgres.port) for one in PROCESSORS
    }
    apps = {
        "api": _app(folder, "api", ports["api"], f"{HOST}:{ports[KAFKA_PROXY]}", postgres.dsn(API))
    }
    dsn = postgres.dsn(WEBHOOKS)
    apps["webhooks"] = _app(folder, "webhooks", ports["webhooks"], kafka.bootstrap_servers, dsn)
    for one in PROCESSORS:
        dsn = postgres.dsn(PROCESSOR).replace(
            f":{postgres.port}/", f":{ports[f'postgres of {one}']}/"
        )
        apps[one] = _app(folder, one, ports[one], kafka.bootstrap_servers, dsn)
    return ChaosStack(
        url=f"http://{HOST}:{ports['api']}",
        folder=folder,
        postgres=postgres,
        kafka=kafka,
        toxiproxy=Toxiproxy(ports["toxiproxy"], routes, logs),
        disk=disk,
        apps=apps,
    )


def _app(folder: Path, name: str, port: int, kafka: str, dsn: str) -> App:
    settings = AppSettings(
        http_port=port, processor_http_port=port, webhooks_http_port=port, kafka=kafka
    )
    verb, _, _ = name.partition("-")
    return App(
        verb,
        counterfoil=(sys.executable, "-m", "tests.chaos.armed", str(folder / f"{name}.armed")),
        environment=settings.environment(dsn) | _QUICK,
        logs=_made(folder / "logs" / name),
        url=f"http://{HOST}:{port}",
    )


async def _start(stack: ChaosStack) -> None:
    await asyncio.gather(*(_launch(one) for one in (stack.postgres, stack.kafka, stack.toxiproxy)))
    for job in ("migrate", "topics"):
        counterfoil = (sys.executable, "-m", "entrypoints.cli")
        logs = stack.folder / "logs"
        await App(job, counterfoil=counterfoil, environment=stack.environment, logs=logs).run()
    await asyncio.gather(*(_launch(one) for one in stack.apps.values()))


async def _launch(server: Server) -> None:
    await server.start()
    await server.ready()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
