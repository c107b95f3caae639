"""Ending sessions that hold locks and do nothing: a worker that was paused inside a COPY is freed
by no timeout of the server's.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.errors import ledger_errors
from core.errors import LedgerUnavailableError

# Whoever waits behind the stalled session as we do is left alone: it is no root of the matter.
_TERMINATE_ROOTS: Final = """
WITH RECURSIVE waited_for (pid) AS (
    SELECT unnest(pg_blocking_pids($1))
    UNION
    SELECT unnest(pg_blocking_pids(waited_for.pid)) FROM waited_for
)
SELECT pid, usename AS role, state, wait_event,
       extract(epoch FROM clock_timestamp() - xact_start)::float8 AS transaction_seconds,
       CASE WHEN usename = current_user THEN pg_terminate_backend(pid) ELSE false END AS terminated
FROM waited_for JOIN pg_stat_activity USING (pid)
WHERE cardinality(pg_blocking_pids(pid)) = 0
"""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Blockers:
    """Those of our own role who keep us waiting for a lock longer than `patience_seconds`."""

    database: Database
    patience_seconds: float = 5.0
    _hunts: set["asyncio.Task[None]"] = field(default_factory=set, init=False, repr=False)

    @asynccontextmanager
    async def kept_off(self, connection: Connection) -> AsyncIterator[None]:
        """While the body waits for locks on `connection`: let nobody hold them for ever."""
        over = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(
            self.patience_seconds, self._begin_hunt, connection.get_server_pid(), over
        )
        try:
            yield
        finally:
            timer.cancel()
            over.set()

    def _begin_hunt(self, waiting_pid: int, over: asyncio.Event) -> None:
        hunt = asyncio.create_task(self._hunt(waiting_pid, over))
        # Whoever waited goes on at once; the hunt still has to say what it did.
        self._hunts.add(hunt)
        hunt.add_done_callback(self._hunts.discard)

    async def _hunt(self, waiting_pid: int, over: asyncio.Event) -> None:
        while not over.is_set():
            try:
                await self._terminate(waiting_pid)
            except LedgerUnavailableError as error:
                _log.warning("blockers_not_found", reason=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(self.patience_seconds):
                    await over.wait()

    async def _terminate(self, waiting_pid: int) -> None:
        async with self.database.connection_apart() as connection:
            with ledger_errors():
                roots = await connection.fetch(_TERMINATE_ROOTS, waiting_pid)
        for root in roots:
            event = "stalled_session_terminated" if root["terminated"] else "blocked_by_others"
            _log.warning(event, **root)
