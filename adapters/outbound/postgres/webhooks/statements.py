"""What several of the webhook adapters do in SQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.errors import ledger_errors

RELEASE: Final = """
    UPDATE webhook_delivery SET next_attempt_at = $2
    WHERE endpoint_id = $1 AND state = 'waiting' AND next_attempt_at > $2 AND NOT is_claimed
"""
"""Whatever waits for the endpoint $1 and is not being sent is due at $2."""


@asynccontextmanager
async def one_piece(database: Database) -> AsyncIterator[Connection]:
    """A transaction: committed at the end, or nothing of it is done.

    Raises `LedgerUnavailableError`. Unlike a page's, what happens here may happen twice, so a
    commit whose answer was lost is no more than that.
    """
    async with database.connection() as connection:
        with ledger_errors():
            async with connection.transaction(isolation="read_committed"):
                yield connection
