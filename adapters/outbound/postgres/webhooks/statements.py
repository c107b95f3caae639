"""What several of the webhook adapters do in SQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.errors import ledger_errors

TOLD_TO_ENDPOINTS: Final = """
    FROM webhook_endpoint
    CROSS JOIN unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS told (event_id, type, place)
    WHERE status <> 'removed' AND disabled_because IS DISTINCT FROM 'gone'
        AND (cardinality(event_types) = 0 OR told.type = ANY (event_types))
"""
"""Each event, of id $1 and type $2, with each endpoint that it `fits`."""
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
