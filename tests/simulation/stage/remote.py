"""Calls of another machine: each takes its time, and may fail on either way."""

from collections.abc import Awaitable, Callable
from typing import Any

from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from core.errors import LedgerUnavailableError
from tests.simulation.machine.faults import Fault
from tests.simulation.stage.database import Database


class RemoteReader:
    """A `LedgerReader`: every question is one statement, answered from one committed state."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._memory = MemoryLedgerReader(database.books)

    def asked_of(self, _question: str) -> MemoryLedgerReader:
        """Which books answer a question: the ones that there are."""
        return self._memory

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        machine = self.database.machine

        async def asked(*arguments: Any, **named: Any) -> Any:
            await machine.travel()
            if machine.weather.strikes(Fault.LEDGER_AWAY):
                raise LedgerUnavailableError("connection refused")
            answer = await getattr(self.asked_of(name), name)(*arguments, **named)
            await machine.travel()
            return answer

        return asked
