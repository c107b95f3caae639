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
        self._database = database
        self._memory = MemoryLedgerReader(database.books)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        ask = getattr(self._memory, name)
        machine = self._database.machine

        async def asked(*arguments: Any, **named: Any) -> Any:
            await machine.travel()
            if machine.weather.strikes(Fault.LEDGER_AWAY):
                raise LedgerUnavailableError("connection refused")
            answer = await ask(*arguments, **named)
            await machine.travel()
            return answer

        return asked
