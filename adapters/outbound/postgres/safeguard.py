"""Refusing to post to a PostgreSQL that would lose money, or that keeps another system's books."""

from dataclasses import dataclass
from typing import Final

from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.migrate import newest_revision
from core.errors import NotPermittedError
from core.ports.clock import Clock

OLDEST_VERSION: Final = 14

_DURABLE: Final = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    # `local` would lose what a promoted standby never got; `off` loses it in any crash.
    "synchronous_commit": ("on", "remote_write", "remote_apply"),
}
"""Settings, as our own sessions have them, and their values that lose nothing."""

_SETTINGS: Final = "SELECT name, setting FROM pg_settings WHERE name = ANY($1)"
_HAS_REVISION: Final = "SELECT to_regclass('alembic_version') IS NOT NULL"
_REVISION: Final = "SELECT version_num FROM alembic_version"
_REMEMBER_PARTITION_COUNT: Final = """
INSERT INTO partitioning (partition_count, recorded_at) VALUES ($1, $2) ON CONFLICT DO NOTHING
"""
_PARTITION_COUNT: Final = "SELECT partition_count FROM partitioning"


@dataclass(frozen=True, slots=True)
class PostgresSafeguard:
    """A `Safeguard`. The first that finds all well makes the ledger remember `partition_count`."""

    database: Database
    clock: Clock
    partition_count: int

    async def verify(self) -> None:
        """Look at the server's settings, the tables' revision and the number of partitions."""
        async with self.database.connection() as connection:
            with ledger_errors():
                faults = await self._faults(connection)
        if faults:
            raise NotPermittedError("; ".join(faults))

    async def _faults(self, connection: Connection) -> list[str]:
        faults = _version_faults(connection)
        faults += await _setting_faults(connection)
        faults += await _revision_faults(connection)
        # The number is remembered by whom it binds: not by a processor that does not start.
        return faults or await self._partition_faults(connection)

    async def _partition_faults(self, connection: Connection) -> list[str]:
        known = await connection.fetchval(_PARTITION_COUNT)
        if known is None:
            await connection.execute(
                _REMEMBER_PARTITION_COUNT, self.partition_count, self.clock.now()
            )
            known = await connection.fetchval(_PARTITION_COUNT)
        if known == self.partition_count:
            return []
        fault = (
            f"the ledger was posted from a log of {known} partitions, not {self.partition_count}: "
            "accounts would move between partitions"
        )
        return [fault]


def _version_faults(connection: Connection) -> list[str]:
    version = connection.get_server_version()
    if version.major >= OLDEST_VERSION:
        return []
    return [f"PostgreSQL {version.major} is too old; {OLDEST_VERSION} is the oldest that will do"]


async def _setting_faults(connection: Connection) -> list[str]:
    found = {
        row["name"]: row["setting"] for row in await connection.fetch(_SETTINGS, list(_DURABLE))
    }
    return [
        f"PostgreSQL has {name} = {found.get(name)}, which loses money in a crash; "
        f"it must be {' or '.join(durable)}"
        for name, durable in _DURABLE.items()
        if found.get(name) not in durable
    ]


async def _revision_faults(connection: Connection) -> list[str]:
    wanted = newest_revision()
    found = None
    if await connection.fetchval(_HAS_REVISION):
        found = await connection.fetchval(_REVISION)
    if found == wanted:
        return []
    state = "has no tables yet" if found is None else f"has the tables of revision {found}"
    return [f"the database {state}, and this version needs {wanted}: run counterfoil migrate"]
