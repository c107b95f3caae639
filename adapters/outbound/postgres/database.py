"""Connections to PostgreSQL: pooled by SQLAlchemy, used through their driver."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import asyncpg
import msgspec
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from adapters.outbound.postgres.errors import FOREIGN_ERRORS, ledger_errors
from adapters.outbound.postgres.tls import Tls

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SQLALCHEMY_URL: Final = "postgresql+asyncpg://"
"""Names the dialect alone: the driver itself is given the DSN, and reads it as libpq would."""
CLOSE_SECONDS: Final = 0.5
"""How long a connection that failed may take to cancel what it was doing."""
REPLY_SECONDS: Final = 2.0
"""How much longer we wait than the server does, so that its own error reaches us."""

# Every statement here finds its rows by key. A plan made while tables were small, or made anew
# for each page, costs more than the rows; and with these prices the JIT would always compile.
_PLANNING: Final = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "random_page_cost": "0.1",
    "jit": "off",
}

_INCARNATION: Final = """
SELECT concat_ws(' ', pg_postmaster_start_time(), oid) FROM pg_database
WHERE datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """How many connections, and how long anything may take."""

    pool_size: int = 16
    pool_wait_seconds: float = 5.0
    connect_timeout_seconds: float = 5.0
    command_timeout_seconds: float = 15.0

    @property
    def server_settings(self) -> dict[str, str]:
        """What the server itself enforces, should we be gone or asleep."""
        command_milliseconds = int(self.command_timeout_seconds * 1_000)
        return {
            "statement_timeout": str(command_milliseconds),
            "lock_timeout": str(command_milliseconds * 4 // 5),
            "idle_in_transaction_session_timeout": str(command_milliseconds),
        }


@dataclass(slots=True)
class Database:
    """One PostgreSQL database, reachable while the context lasts.

    Entering connects to nothing: a database that is away is found out, and healed, by use.
    """

    dsn: str = field(repr=False)
    application_name: str = "counterfoil"
    limits: DatabaseLimits = field(default_factory=DatabaseLimits)
    tls: Tls = field(default_factory=Tls)
    _engine: AsyncEngine | None = field(default=None, init=False, repr=False)
    _incarnations: WeakKeyDictionary[Connection, str] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
    )

    async def __aenter__(self) -> "Database":
        self._engine = create_async_engine(
            SQLALCHEMY_URL,
            async_creator=self._connect,
            isolation_level="AUTOCOMMIT",
            pool_size=self.limits.pool_size,
            max_overflow=0,
            pool_timeout=self.limits.pool_wait_seconds,
            pool_use_lifo=True,
            # Whatever fails closes its connection, so none comes back with a transaction open.
            pool_reset_on_return=None,
            json_deserializer=msgspec.json.decode,
        )
        event.listen(self._engine.sync_engine, "checkout", _refuse_closed)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._engine is not None:
            await self._engine.dispose()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A pooled connection; each statement commits by itself unless it is told `BEGIN`.

        When the body raises, or is cancelled, the connection is closed and not used again:
        nothing of a half transaction stays. Raises `LedgerUnavailableError` if there is none.
        """
        with ledger_errors():
            pooled = await self._running_engine().raw_connection()
        driver: Connection = pooled.driver_connection  # type: ignore[assignment]
        try:
            yield driver
        except BaseException:
            await _discard(pooled, driver)
            raise
        # Outside of a greenlet, as here, this awaits nothing and costs next to nothing.
        pooled.close()

    @asynccontextmanager
    async def connection_apart(self) -> AsyncIterator[Connection]:
        """A connection of its own, had even while all of the pool's are waiting."""
        with ledger_errors():
            driver = await self._connect()
        try:
            yield driver
        finally:
            await _close(driver)

    async def connect_unhurried(self) -> Connection:
        """A connection that no deadline of ours ends, for migrations."""
        return await self._open(command_timeout_seconds=None, server_settings={})

    def incarnation(self, connection: Connection) -> str:
        """Which life of the database a connection of ours is to: another one after every restart of
        the server, on another server, and once the database was made anew.
        """
        return self._incarnations[connection]

    async def _connect(self) -> Connection:
        connection = await self._open(
            command_timeout_seconds=self.limits.command_timeout_seconds + REPLY_SECONDS,
            server_settings=_PLANNING | self.limits.server_settings,
        )
        try:
            self._incarnations[connection] = await connection.fetchval(_INCARNATION)
        except BaseException:
            await _close(connection)
            raise
        return connection

    async def _open(
        self, command_timeout_seconds: float | None, server_settings: dict[str, str]
    ) -> Connection:
        return await asyncpg.connect(
            self.dsn,
            timeout=self.limits.connect_timeout_seconds,
            command_timeout=command_timeout_seconds,
            ssl=self.tls.context(),
            server_settings={"application_name": self.application_name, **server_settings},
        )

    def _running_engine(self) -> AsyncEngine:
        if self._engine is None:
            raise RuntimeError("the database was not entered")
        return self._engine


def _refuse_closed(
    connection: DBAPIConnection, _entry: ConnectionPoolEntry, proxied: PoolProxiedConnection
) -> None:
    """Notice a server that was restarted, at no cost: the driver has seen its socket close."""
    driver: Connection = proxied.driver_connection  # type: ignore[assignment]
    if driver.is_closed():
        raise DisconnectionError


async def _discard(pooled: PoolProxiedConnection, driver: Connection) -> None:
    try:
        await _close(driver)
    finally:
        pooled.invalidate()
        pooled.close()


async def _close(driver: Connection) -> None:
    """End what the connection was doing on the server, too, and close it; never for long."""
    try:
        await driver.close(timeout=CLOSE_SECONDS)
    except FOREIGN_ERRORS:
        driver.terminate()
    except BaseException:
        driver.terminate()
        raise
