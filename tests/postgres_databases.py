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


async def _administer(server: LocalPostgres, statement: str) -> None:
    connection = await asyncpg.connect(server.dsn(SUPERUSER, "postgres"), timeout=10)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
