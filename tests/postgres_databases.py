"""Databases of their own for tests, on one server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Final

import asyncpg

from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.migrate import migrate
from infra.local.postgres import API, OWNER, PROCESSOR, LocalPostgres
from infra.local.postgres_cluster import SUPERUSER
from tests.eventually import eventually

_TEMPLATE: Final = "migrated"
_numbers = count(1)


@dataclass(frozen=True)
class FreshDatabase:
    """A migrated database without a row."""

    server: LocalPostgres
    name: str

    def dsn(self, role: str = PROCESSOR) -> str:
        return self.server.dsn(role, self.name)

    @property
    def api_dsn(self) -> str:
        return self.dsn(API)

    @asynccontextmanager
    async def as_role(self, role: str = SUPERUSER) -> AsyncIterator[Connection]:
        """A bare connection, for looking behind the adapters and for doing damage."""
        connection = await asyncpg.connect(self.dsn(role), timeout=10, command_timeout=60)
        try:
            yield connection
        finally:
            await connection.close()

    async def somebody_waits_for_a_lock(self) -> bool:
        return await self.has_session("wait_event_type = 'Lock'")

    async def has_session(self, condition: str) -> bool:
        """Whether a session in this database is like that, in terms of `pg_stat_activity`."""
        async with self.as_role() as connection:
            count = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity "
                f"WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
            )
        return bool(count)


@asynccontextmanager
async def empty_database(server: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    """A database without a table, dropped at the end."""
    async with _database(server, template=None) as database:
        yield database


@asynccontextmanager
async def fresh_database(server: LocalPostgres) -> AsyncIterator[FreshDatabase]:
    """A migrated database, dropped at the end."""
    await _ensure_template(server)
    async with _database(server, template=_TEMPLATE) as database:
        yield database


@asynccontextmanager
async def _database(server: LocalPostgres, template: str | None) -> AsyncIterator[FreshDatabase]:
    name = f"test_{next(_numbers)}"
    copied = f"TEMPLATE {template}" if template else ""
    await _administer(server, f"CREATE DATABASE {name} OWNER {OWNER} {copied}")
    try:
        yield FreshDatabase(server, name)
    finally:
        await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _ensure_template(server: LocalPostgres) -> None:
    connection = await asyncpg.connect(server.dsn(SUPERUSER, "postgres"), timeout=10)
    try:
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", _TEMPLATE):
            return
        await connection.execute(f"CREATE DATABASE {_TEMPLATE} OWNER {OWNER}")
    finally:
        await connection.close()
    async with Database(server.dsn(OWNER, _TEMPLATE)) as database:
        await migrate(database)


async def back_up(database: FreshDatabase) -> FreshDatabase:
    """A copy as the database is at this moment, as a backup has it: whoever is at work in it is cut
    off, and may come back.
    """
    name = f"{database.name}_backup_{next(_numbers)}"
    await _copy(database.server, database.name, name)
    return FreshDatabase(database.server, name)


async def put_back(database: FreshDatabase, backup: FreshDatabase) -> None:
    """The database as the backup has it, whoever is at work in it."""
    await drop(await set_aside(database))
    await restore(database, backup)


async def set_aside(database: FreshDatabase) -> FreshDatabase:
    """The database as it is at this moment, under another name: whoever is at work in it finds it
    gone.
    """
    server, name = database.server, f"{database.name}_lost_{next(_numbers)}"
    await _empty(server, database.name)
    await _administer(server, f"ALTER DATABASE {database.name} RENAME TO {name}")
    await _administer(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    return FreshDatabase(server, name)


async def restore(database: FreshDatabase, backup: FreshDatabase) -> None:
    """The database that is not there, as the backup has it."""
    await _copy(database.server, backup.name, database.name)


async def drop(database: FreshDatabase) -> None:
    """Delete it."""
    await _administer(database.server, f"DROP DATABASE {database.name} WITH (FORCE)")


async def _copy(server: LocalPostgres, name: str, copy: str) -> None:
    # A database that somebody is connected to cannot be copied.
    await _empty(server, name)
    await _administer(server, f"CREATE DATABASE {copy} OWNER {OWNER} TEMPLATE {name}")
    for one in (name, copy):
        await _administer(server, f"ALTER DATABASE {one} ALLOW_CONNECTIONS true")


async def _empty(server: LocalPostgres, name: str) -> None:
    """Send everybody away, and let nobody in."""
    await _administer(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await _administer(
        server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    await eventually(lambda: _is_unused(server, name))


async def _is_unused(server: LocalPostgres, name: str) -> bool:
    connection = await asyncpg.connect(server.dsn(SUPERUSER, "postgres"), timeout=10)
    try:
        return not await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name
        )
    finally:
        await connection.close()


async def _administer(server: LocalPostgres, statement: str) -> None:
    connection = await asyncpg.connect(server.dsn(SUPERUSER, "postgres"), timeout=10)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
