"""A PostgreSQL and a Kafka to measure on, and the product's processes on them."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import asyncpg

from bootstrap import Container, create_topics, make_container
from entrypoints.settings import PREFIX, Settings
from infra.local.apps import COUNTERFOIL, App
from infra.local.kafka import LocalKafka
from infra.local.ports import HOST, Ports
from infra.local.postgres import API, PROCESSOR, LocalPostgres
from infra.local.postgres_cluster import SUPERUSER
from tests.postgres_databases import FreshDatabase, fresh_database
from tests.servers import kafka_server, postgres_server, scratch_folder

ROLES: Final = {"api": API, "processor": PROCESSOR}
MOST_PROCESSORS: Final = 2


@dataclass(frozen=True)
class Site:
    """Books and topics of their own, as the product finds them on its first day."""

    name: str
    database: FreshDatabase
    kafka: str
    folder: Path
    ports: dict[str, int]
    server_pids: dict[str, int]

    @property
    def api_url(self) -> str:
        """Where the API is, once it runs."""
        return f"http://{HOST}:{self.ports[_numbered('api', 1)]}"

    @property
    def container(self) -> Container:
        """The product's own adapters, for use in this process."""
        return make_container(Settings(**self._settings(API)).model_dump())  # type: ignore[arg-type]

    @asynccontextmanager
    async def started(self, name: str, number: int = 1) -> AsyncIterator[App]:
        """One of the product's processes; it serves once its `ready` returns."""
        port = self.ports[_numbered(name, number)]
        app = App(
            name,
            counterfoil=COUNTERFOIL,
            environment={**os.environ, **self._environment(name, port)},
            logs=self.folder,
            url=f"http://{HOST}:{port}",
        )
        process = await app.start()
        try:
            yield app
        finally:
            await process.stop()

    async def settle(self) -> None:
        """Let PostgreSQL write down what earlier parts left, so that this one does not pay."""
        async with self.database.as_role(SUPERUSER) as connection:
            await connection.execute("CHECKPOINT")

    def _environment(self, name: str, port: int) -> dict[str, str]:
        settings = self._settings(ROLES[name]) | {
            "http_port": str(port),
            "processor_http_port": str(port),
        }
        return {f"{PREFIX}{field.upper()}": value for field, value in settings.items()}

    def _settings(self, role: str) -> dict[str, str]:
        """By field; as text, which the settings read as they read the environment's."""
        topics = {
            f"kafka_{topic}_topic": f"{self.name}.{topic}"
            for topic in ("commands", "transactions", "dead", "pages")
        }
        return {
            "profile": "embedded",
            "log_format": "json",
            "kafka_bootstrap_servers": self.kafka,
            "kafka_group": self.name,
            "kafka_replication_factor": "1",
            "postgres_dsn": self.database.dsn(role),
            **topics,
        }


class Workbench:
    """Servers as `make run` has them, on free ports, gone with their data afterwards."""

    def __init__(self, folder: Path, postgres: LocalPostgres, kafka: LocalKafka) -> None:
        self._folder = folder
        self._postgres = postgres
        self._kafka = kafka
        self._numbers = count(1)

    async def postgres_version(self) -> str:
        """Of the server."""
        connection = await asyncpg.connect(self._postgres.dsn(SUPERUSER, "postgres"))
        try:
            return str(await connection.fetchval("SHOW server_version"))
        finally:
            await connection.close()

    @asynccontextmanager
    async def site(self) -> AsyncIterator[Site]:
        """A site; its database goes with it."""
        name = f"bench-{next(self._numbers)}"
        async with self.database() as database:
            site = Site(
                name=name,
                database=database,
                kafka=self._kafka.bootstrap_servers,
                folder=self._folder,
                ports=Ports(self._folder / f"{name}-ports.json").choose(
                    _numbered("api", 1),
                    *(_numbered("processor", one + 1) for one in range(MOST_PROCESSORS)),
                ),
                server_pids={
                    server.name: server.process.pid for server in (self._postgres, self._kafka)
                },
            )
            await create_topics(site.container)
            yield site

    @asynccontextmanager
    async def database(self) -> AsyncIterator[FreshDatabase]:
        """A migrated database without a row."""
        async with fresh_database(self._postgres) as database:
            yield database


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number}"


@asynccontextmanager
async def workbench(say: Callable[[str], None]) -> AsyncIterator[Workbench]:
    """Start the servers."""
    say("starting PostgreSQL and Kafka")
    with scratch_folder() as folder:
        async with (
            postgres_server(folder / "postgres") as postgres,
            kafka_server(folder / "kafka") as kafka,
        ):
            yield Workbench(folder, postgres, kafka)
