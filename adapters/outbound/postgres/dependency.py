"""Whether PostgreSQL is there."""

import asyncio
from dataclasses import dataclass
from typing import Final

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.errors import ledger_errors
from core.errors import CounterfoilError

ANSWER_SECONDS: Final = 1.2
"""With what closing the connection may take, less than the two seconds of the promise."""


@dataclass(frozen=True, slots=True)
class PostgresDependency:
    """A `Dependency`: the database, asked for an answer through the pool that all else uses."""

    database: Database

    @property
    def name(self) -> str:
        """Its name in health reports."""
        return "postgres"

    async def trouble(self) -> str | None:
        """None while it answers."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._ask()
        except TimeoutError:
            return f"PostgreSQL did not answer within {ANSWER_SECONDS} s"
        except CounterfoilError as error:
            return f"PostgreSQL: {error}"
        return None

    async def _ask(self) -> None:
        async with self.database.connection() as connection:
            with ledger_errors():
                await connection.fetchval("SELECT 1")
