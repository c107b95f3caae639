"""Named points in the work of a process, at which it can be made to kill or to stop itself.

The product has no switch for it: these wrap its connections to PostgreSQL and Kafka.
"""

import os
import signal
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, cast

from adapters.outbound.kafka.command_log import KafkaCommandLog
from adapters.outbound.kafka.events import KafkaEvents
from adapters.outbound.postgres.database import Connection, Database
from bootstrap import Container
from core.entities.command import Command
from core.entities.page import Outcomes
from core.ports.command_log import Appended


class Point(StrEnum):
    """Where a process can end, or stand still."""

    AFTER_TAKE_OVER = "after-take-over"
    BEFORE_FENCE = "before-fence"
    AFTER_FENCE = "after-fence"
    AFTER_WRITE = "after-write"
    AFTER_COPY = "after-copy"
    BEFORE_COMMIT = "before-commit"
    AFTER_COMMIT = "after-commit"
    BEFORE_PUBLISH = "before-publish"
    AFTER_PUBLISH = "after-publish"
    BEFORE_PRODUCE = "before-produce"
    AFTER_PRODUCE = "after-produce"


API_POINTS: Final = (Point.BEFORE_PRODUCE, Point.AFTER_PRODUCE)
"""In the API, before and after Kafka has the command; all others are in the processor."""
BEGIN: Final = "BEGIN"
COMMIT: Final = "COMMIT"

# By what the statement says: the product has no names for its statements.
_AFTER_STATEMENTS: Final = {
    "INSERT INTO log_position": Point.AFTER_TAKE_OVER,
    "SET next_offset =": Point.AFTER_FENCE,
    "INSERT INTO page ": Point.AFTER_WRITE,
}


@dataclass
class Trigger:
    """Signals this process when a point is passed for the n-th time since `armed` is there.

    The file says `POINT N SIGNAL`. It is taken away first, so that the next process lives.
    """

    armed: Path
    _passed: int = field(default=0, init=False)

    def passed(self, point: Point) -> None:
        """This process is at the point now."""
        try:
            wanted, times, name = self.armed.read_text(encoding="ascii").split()
        except FileNotFoundError:
            return
        if wanted != point:
            return
        self._passed += 1
        if self._passed >= int(times):
            self._passed = 0
            self.armed.unlink()
            os.kill(os.getpid(), signal.Signals[name])


class _Watched:
    """A connection to PostgreSQL that says what it has done."""

    def __init__(self, connection: Connection, trigger: Trigger) -> None:
        self.product = connection
        self._trigger = trigger

    def __getattr__(self, name: str) -> Any:
        return getattr(self.product, name)

    async def execute(self, statement: str, *values: Any) -> str:
        if statement.startswith(BEGIN):
            self._trigger.passed(Point.BEFORE_FENCE)
        if statement == COMMIT:
            self._trigger.passed(Point.BEFORE_COMMIT)
        done = await self.product.execute(statement, *values)
        if statement == COMMIT:
            self._trigger.passed(Point.AFTER_COMMIT)
        self._note(statement)
        return done

    async def fetch(self, statement: str, *values: Any) -> Any:
        done = await self.product.fetch(statement, *values)
        self._note(statement)
        return done

    async def fetchval(self, statement: str, *values: Any) -> Any:
        done = await self.product.fetchval(statement, *values)
        self._note(statement)
        return done

    async def copy_to_table(self, table: str, **options: Any) -> str:
        done = await self.product.copy_to_table(table, **options)
        self._trigger.passed(Point.AFTER_COPY)
        return done

    def _note(self, statement: str) -> None:
        for words, point in _AFTER_STATEMENTS.items():
            if words in statement:
                self._trigger.passed(point)


class ArmedDatabase(Database):
    """A database with points in what its connections do."""

    trigger: Trigger

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """The product's own, watched."""
        async with super().connection() as connection:
            yield cast("Connection", _Watched(connection, self.trigger))

    def incarnation(self, connection: Connection) -> str:
        """Of the connection that is watched."""
        return super().incarnation(cast("_Watched", connection).product)


class ArmedEvents(KafkaEvents):
    """Events with points around their publishing."""

    trigger: Trigger

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """The product's own, between two points."""
        self.trigger.passed(Point.BEFORE_PUBLISH)
        await super().publish(partition, outcomes)
        self.trigger.passed(Point.AFTER_PUBLISH)


class ArmedCommandLog(KafkaCommandLog):
    """A command log with points around its appending."""

    trigger: Trigger

    async def append(self, command: Command) -> Appended:
        """The product's own, between two points."""
        self.trigger.passed(Point.BEFORE_PRODUCE)
        appended = await super().append(command)
        self.trigger.passed(Point.AFTER_PRODUCE)
        return appended


def arm(container: Container, trigger: Trigger) -> None:
    """Put the armed adapters in the place of the product's own, with the same settings."""
    container.database.set_provides(ArmedDatabase)
    container.kafka_events.set_provides(ArmedEvents)
    container.kafka_command_log.set_provides(ArmedCommandLog)
    for armed in (ArmedDatabase, ArmedEvents, ArmedCommandLog):
        armed.trigger = trigger


def points_of(process: str) -> Collection[Point]:
    """Those of that process."""
    if process == "api":
        return API_POINTS
    return [point for point in Point if point not in API_POINTS]
