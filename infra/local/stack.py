"""Everything that `make run` starts, in its order, and how it is stopped again."""

import asyncio
import os
import shlex
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.apps import COUNTERFOIL, PREFIX, App, AppSettings
from infra.local.files import write_json
from infra.local.folder import DataFolder
from infra.local.jars import require_maven
from infra.local.kafka import LocalKafka
from infra.local.leftovers import Traces
from infra.local.logs import rotate
from infra.local.ports import Ports, require_free
from infra.local.postgres import API, OWNER, PROCESSOR, WEBHOOKS, LocalPostgres
from infra.local.refused import Refused
from infra.local.screen import Screen
from infra.local.supervisor import Supervisor

STOPPING_ORDER = ("api", "webhooks", "processor", "kafka", "postgres")
LOG_PAUSE_SECONDS = 60.0
SIGNING_KEY_FILE = f"{PREFIX}SIGNING_KEY_FILE"


@dataclass(frozen=True)
class Options:
    """What the user may choose."""

    port: int
    data: Path
    counterfoil: Sequence[str] = COUNTERFOIL


class Stack:
    """PostgreSQL, Kafka, the API, the processor and the webhooks of one DATA."""

    def __init__(self, options: Options, folder: DataFolder, screen: Screen) -> None:
        self._options = options
        self._folder = folder
        self._screen = screen
        self._pids: dict[str, int] = {}
        self._traces = Traces(folder.processes)
        self._postgres = LocalPostgres(folder.path, say=screen.say)
        self._kafka = LocalKafka(folder.path, say=screen.say)
        self._settings: AppSettings | None = None
        self.supervisor = Supervisor(self._record, screen.say)

    async def up(self) -> None:
        """Bring everything up; when this returns, money can be moved."""
        with self._screen.busy("starting"):
            await self._check()
            await together(self._bring_up(self._postgres), self._bring_up(self._kafka))
            self._folder.mark_complete()
            settings = self._settle_settings()
            for job in ("migrate", "topics"):
                self._screen.say(f"counterfoil {job}")
                await self._app(settings, job, OWNER).run()
            await self._make_signing_key(settings)
            await self._bring_up_apps(settings)
        self._screen.say(self._banner(settings))

    async def down(self) -> bool:
        """Stop everything, in order; whether all of it is gone."""
        self._folder.stack.unlink(missing_ok=True)
        gone = await self.supervisor.stop(*STOPPING_ORDER)
        if gone:
            self._traces.forget()
        return gone

    async def keep_logs_bounded(self) -> None:
        """Never returns; looks at the logs' sizes every now and then."""
        while True:
            await asyncio.sleep(LOG_PAUSE_SECONDS)
            for log in self._folder.logs.glob("*.log"):
                rotate(log)

    async def _check(self) -> None:
        """All that can be refused is refused before anything is started."""
        self._folder.stack.unlink(missing_ok=True)
        await self._traces.clear(self._screen.say)
        require_free(self._options.port)
        require_maven()
        made = {"ledger": self._postgres.is_made, "command log": self._kafka.is_made}
        lost = [name for name, is_made in made.items() if not is_made]
        if lost and self._folder.is_complete:
            raise Refused(
                f"{self._folder.path} has lost its {' and its '.join(lost)}; "
                "restore it, or start with another DATA. Nothing was changed."
            )

    async def _bring_up(self, server: LocalPostgres | LocalKafka) -> None:
        await server.prepare()
        self._screen.say(f"starting {server.name}")
        await self.supervisor.begin(server)
        await self.supervisor.watch(server)

    async def _make_signing_key(self, settings: AppSettings) -> None:
        key = self._folder.signing_key
        if not key.exists():
            self._screen.say(f"counterfoil signing-key {key}")
            await self._app(settings, "signing-key", OWNER, words=[str(key)]).run()

    async def _bring_up_apps(self, settings: AppSettings) -> None:
        self._screen.say("starting processor, webhooks and api")
        processor = self._app(settings, "processor", PROCESSOR, settings.processor_url)
        webhooks = self._app(settings, "webhooks", WEBHOOKS, settings.webhooks_url)
        api = self._app(settings, "api", API, settings.url)
        # The API last: when it begins, stack.json can already name all of them.
        apps = (processor, webhooks, api)
        for app in apps:
            await self.supervisor.begin(app)
        await together(*(self.supervisor.watch(app) for app in apps))

    def _settle_settings(self) -> AppSettings:
        ports = Ports(self._folder.path / "app-ports.json").choose("processor", "webhooks")
        self._settings = AppSettings(
            http_port=self._options.port,
            processor_http_port=ports["processor"],
            webhooks_http_port=ports["webhooks"],
            kafka=self._kafka.bootstrap_servers,
        )
        for name in self._settings.overruled():
            self._screen.say(f"note: {name} is set, but make run uses servers of its own")
        return self._settings

    def _app(
        self,
        settings: AppSettings,
        name: str,
        role: str,
        url: str = "",
        words: Sequence[str] = (),
    ) -> App:
        environment = settings.environment(self._postgres.dsn(role))
        if role == PROCESSOR:
            # Nobody else signs. A user may have a key already.
            environment.setdefault(SIGNING_KEY_FILE, str(self._folder.signing_key))
        return App(
            name,
            counterfoil=self._options.counterfoil,
            environment=environment,
            logs=self._folder.logs,
            url=url,
            words=words,
        )

    def _record(self, name: str, pid: int) -> None:
        """Before the process does anything: who is killed now still finds it at the next start."""
        self._traces.record(name, pid)
        self._pids[name] = pid
        if self._settings is not None and set(STOPPING_ORDER) <= self._pids.keys():
            self._publish(self._settings)

    def _publish(self, settings: AppSettings) -> None:
        pids = {"supervisor": os.getpid(), **self._pids}
        write_json(
            self._folder.stack,
            {
                "url": settings.url,
                "kafka": settings.kafka,
                "postgres": self._postgres.dsn(OWNER),
                "processes": [{"name": name, "pid": pid} for name, pid in pids.items()],
            },
        )

    def _banner(self, settings: AppSettings) -> str:
        url, data = settings.url, self._folder.path
        return f"""
Counterfoil runs.

  API         {url}
  processor   {settings.processor_url}/metrics
  webhooks    {settings.webhooks_url}/metrics
  Kafka       {settings.kafka}
  PostgreSQL  {self._postgres.dsn(OWNER).replace(self._postgres.password(OWNER), "...")}
  data        {data} (stack.json there has the addresses and passwords)
  logs        {self._folder.logs}

Try it:

  curl -s {url}/deposit -H 'Content-Type: application/json' -H 'Prefer: wait=5' \\
       -d '{{"user_id":"alice","amount":100.50}}'

Watch it:

  {shlex.join(self._options.counterfoil)} top --api {url} \\
       --processor {settings.processor_url} --webhooks {settings.webhooks_url}

Ctrl-C stops it; the data stays.
"""


async def together(*parts: Coroutine[Any, Any, None]) -> None:
    """Run them side by side; if one fails, the others are cancelled and its error is raised."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
