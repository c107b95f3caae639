"""Webhooks' tables in the simulated database: each call a transaction, whose answer may be lost."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.webhooks.endpoints import MemoryWebhookEndpoints
from adapters.outbound.memory.webhooks.intake import MemoryWebhookIntake
from adapters.outbound.memory.webhooks.queue import MemoryWebhookQueue
from core.entities.webhooks.delivery import Claim, Delivery, Made
from core.entities.webhooks.endpoint import Endpoint
from core.entities.webhooks.schedule import Settled
from core.errors import CommitUnknownError, LedgerUnavailableError
from core.ports.webhooks.intake import Cursors, Told
from core.ports.webhooks.queue import Settle
from tests.simulation.stage.database import Database

T = TypeVar("T")

Work = Callable[[], Coroutine[Any, Any, T]]
"""A call of a store in memory, which never waits."""


@dataclass(slots=True)
class _Called:
    """A store was called: a `Change` that takes effect at its commit."""

    work: Work[Any]
    answer: Any = None

    def apply(self, _: MemoryBooks) -> None:
        """Call it."""
        try:
            self.work().send(None)
        except StopIteration as done:
            self.answer = done.value
        else:
            raise AssertionError("a store in memory waits")


class _Tables:
    """The way to the tables, of one process."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def ask(self, work: Work[T]) -> T:
        """What a statement finds that changes nothing."""
        machine = self.database.machine
        await machine.travel()
        self.database.answer_or_refuse()
        answer = await work()
        await machine.travel()
        return answer

    async def change(self, work: Work[T]) -> T:
        """What a transaction came to; if the answer is lost, it may be done now, later or never."""
        called = _Called(work)
        session = await self.database.connect()
        try:
            await session.statement()
            session.write(called)
            await session.commit()
        except CommitUnknownError as error:
            raise LedgerUnavailableError(str(error)) from error
        finally:
            session.left()
        answer: T = called.answer
        return answer


class RemoteWebhookEndpoints(_Tables):
    """What the intake asks of `WebhookEndpoints`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._memory = MemoryWebhookEndpoints(database.webhooks)

    async def all(self) -> Sequence[Endpoint]:
        """Every endpoint."""
        return await self.ask(self._memory.all)


class SimulatedWebhookIntake(_Tables):
    """A `WebhookIntake`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.memory = MemoryWebhookIntake(database.webhooks)

    async def cursors(self) -> Cursors | None:
        """Where the intake stands."""
        return await self.ask(self.memory.cursors)

    async def begin(self, expected: Cursors | None, cursors: Cursors) -> None:
        """Stand there."""
        await self.change(lambda: self.memory.begin(expected, cursors))

    async def take_in(
        self, before: Cursors, after: Cursors, told: Sequence[Told], now: datetime
    ) -> bool:
        """Make deliveries and move the cursors."""
        return await self.change(lambda: self.memory.take_in(before, after, told, now))


class SimulatedWebhookQueue(_Tables):
    """A `WebhookQueue`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.memory = MemoryWebhookQueue(database.webhooks)

    async def due(self, now: datetime) -> Sequence[UUID]:
        """The endpoints that have something due."""
        return await self.ask(lambda: self.memory.due(now))

    async def claim(
        self, endpoint_id: UUID, most: int, now: datetime, until: datetime
    ) -> Claim | None:
        """Some of what is due."""
        return await self.change(lambda: self.memory.claim(endpoint_id, most, now, until))

    async def record(
        self, endpoint_id: UUID, made: Sequence[Made], unsent: Sequence[Delivery], settle: Settle
    ) -> Settled | None:
        """Write down attempts and what follows from them."""
        return await self.change(lambda: self.memory.record(endpoint_id, made, unsent, settle))
