"""The one moment at which an error says nothing."""

import asyncio
from contextlib import suppress

from adapters.outbound.postgres.database import Connection
from adapters.outbound.postgres.errors import FOREIGN_ERRORS
from core.errors import CommitUnknownError, LedgerUnavailableError


async def commit(connection: Connection) -> None:
    """Commit the open transaction. A caller that is cancelled is so once the answer is there.

    Raises `CommitUnknownError` whatever goes wrong: a commit whose answer was lost is stored more
    often than not. `LedgerUnavailableError` if the server says that it rolled back.
    """
    committing = asyncio.ensure_future(connection.execute("COMMIT"))
    try:
        status = await asyncio.shield(committing)
    except asyncio.CancelledError:
        await _ended(committing)
        raise
    except FOREIGN_ERRORS as error:
        raise CommitUnknownError(f"the commit was answered by an error: {error}") from error
    if status != "COMMIT":
        raise LedgerUnavailableError("the server rolled the page back")


async def _ended(committing: "asyncio.Future[str]") -> None:
    """Return when there is an answer, however often the caller is cancelled meanwhile."""
    while not committing.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([committing])
