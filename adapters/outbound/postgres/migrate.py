"""Bringing a database's tables up to this version of the code.

Alembic is imported where it is needed: it is a fifth of the time that a process takes to start.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.outbound.postgres.database import SQLALCHEMY_URL, Database
from adapters.outbound.postgres.errors import ledger_errors
from adapters.outbound.postgres.grants import grant

if TYPE_CHECKING:
    from alembic.config import Config

_NEWEST: Final = "head"
_LOCK: Final = 0x636F756E74657266
"""The advisory lock of whoever migrates: `counterf`."""


async def migrate(database: Database, revision: str = _NEWEST) -> str:
    """Upgrade to the newest revision, or up to another one, as the database's owner; the revision
    it is at then.

    All in one transaction. Two at once do it one after the other, so the second finds it done.
    Roles that exist by then are granted what they need, anew at each run.
    """
    engine = create_async_engine(
        SQLALCHEMY_URL, async_creator=database.connect_unhurried, poolclass=NullPool
    )
    with ledger_errors():
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(_upgrade, revision)
        finally:
            await engine.dispose()


def newest_revision() -> str:
    """The revision that this code was written for."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _upgrade(connection: sa.Connection, revision: str) -> str:
    from alembic import command  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if revision == _NEWEST:
        grant(connection)
    return MigrationContext.configure(connection).get_current_revision() or ""


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
