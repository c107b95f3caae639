"""The way from one machine to another one: it takes time."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from tests.builders import NOON
from tests.simulation.machine.chance import Chance
from tests.simulation.machine.faults import Weather
from tests.simulation.machine.loop import RUNNING, Process
from tests.simulation.machine.trace import Trace

T = TypeVar("T")

SHORTEST_SECONDS: Final = 0.0005
USUAL_SECONDS: Final = 0.02
LONG_SECONDS: Final = 0.3
_LONG: Final = 0.03


@dataclass(frozen=True, slots=True)
class Machine:
    """What every part of a world stands on: one loop, one chance, one weather, one trace."""

    loop: asyncio.AbstractEventLoop
    outside: Process
    chance: Chance
    weather: Weather
    trace: Trace

    async def travel(self) -> None:
        """One way of a request or an answer: mostly short, sometimes long."""
        arrived: asyncio.Future[None] = self.loop.create_future()
        self.loop.call_at(self.loop.time() + self.way_seconds(), _arrive, arrived)
        await arrived

    def way_seconds(self) -> float:
        """How long the next way takes."""
        longest = LONG_SECONDS if self.chance.happens(_LONG) else USUAL_SECONDS
        return self.chance.between(SHORTEST_SECONDS, longest)

    def later(self, seconds: float, happen: Callable[[], object]) -> None:
        """Have something happen outside of all processes: whoever asked may be dead by then."""
        self.loop.call_later(seconds, happen, context=Context())

    def begin(
        self, process: Process, work: Callable[[], Coroutine[object, object, T]]
    ) -> "asyncio.Future[T]":
        """Have a process do some work, as soon as it runs; what comes of it."""
        answer: asyncio.Future[T] = self.loop.create_future()
        self.loop.create_task(_answered(work, answer), context=process.context.copy())
        return answer

    def now(self) -> datetime:
        """The world's own time."""
        return NOON + timedelta(seconds=self.loop.time())

    def note(self, what: str) -> None:
        """A line of the trace, by the process that runs."""
        self.trace.note(self.running(), what)

    def running(self) -> Process:
        """The process whose code asks."""
        return RUNNING.get(self.outside)


@dataclass(frozen=True, slots=True)
class SkewedClock:
    """A process's own `Clock`, so many seconds off."""

    machine: Machine
    skew_seconds: float

    def now(self) -> datetime:
        """The time as this process has it."""
        return self.machine.now() + timedelta(seconds=self.skew_seconds)


class _CalmMachine(Machine):
    """Everything is near, and nothing goes wrong."""

    __slots__ = ()

    def way_seconds(self) -> float:
        """No time at all."""
        return 0.0


def calm_machine(loop: asyncio.AbstractEventLoop) -> Machine:
    """A machine for tests of the doubles themselves, on any loop."""
    chance = Chance(0)
    weather = Weather(chance)
    weather.heal()
    return _CalmMachine(loop, Process("test"), chance, weather, Trace(loop.time))


async def _answered(
    work: Callable[[], Coroutine[object, object, T]], answer: "asyncio.Future[T]"
) -> None:
    try:
        result = await work()
    except Exception as error:
        if not answer.done():
            answer.set_exception(error)
    else:
        if not answer.done():
            answer.set_result(result)


def _arrive(arrived: "asyncio.Future[None]") -> None:
    if not arrived.done():
        arrived.set_result(None)
