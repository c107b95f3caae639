"""Calls of another machine: each takes its time, and may fail on either way."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.partitions import MemoryPartitions
from core.entities.log_position import LogPosition
from core.ports.clock import Clock
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
            self.database.answer_or_refuse()
            answer = await getattr(self.asked_of(name), name)(*arguments, **named)
            await machine.travel()
            return answer

        return asked


class RemotePartitions(MemoryPartitions):
    """`Partitions`, of which no worker is told anything while the database is away."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database.books, clock)
        self._database = database

    async def states(self) -> Sequence[LogPosition]:
        """Every partition that was ever taken over."""
        self._database.refuse_if_down()
        return await super().states()
