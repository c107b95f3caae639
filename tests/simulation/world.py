"""One world: a seed, its faults, and whether every promise held."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core.entities.hold import HoldStatus
from tests.simulation.audience import Audience
from tests.simulation.bugs.bug import SOUND, Doubles
from tests.simulation.clients import Client, Line
from tests.simulation.hosts import ApiHost, Host, ProcessorHost, Stage
from tests.simulation.keeper import Keeper, dice_of
from tests.simulation.logs import library_logs
from tests.simulation.machine.chance import Chance, library_chance
from tests.simulation.machine.faults import Fault, Weather
from tests.simulation.machine.loop import SimulationLoop, Stuck
from tests.simulation.machine.network import Machine
from tests.simulation.machine.trace import Trace
from tests.simulation.parts import checks
from tests.simulation.promises.books import BooksChecker
from tests.simulation.promises.history import History, HistoryChecker
from tests.simulation.promises.outcomes import OutcomesChecker
from tests.simulation.promises.pages import PagesChecker
from tests.simulation.promises.promise import Findings, Promise
from tests.simulation.readers import Reader
from tests.simulation.small_limits import small_limits
from tests.simulation.stage.events import Topic
from tests.simulation.stage.group import Group
from tests.simulation.stage.log import Broker
from tests.simulation.stage.pages import PageTopic

FAULTS_SECONDS: Final = 12.0
"""The longest that faults last; they end sooner if the clients have done with their commands."""
DRAIN_SECONDS: Final = 180.0
OVERDUE: Final = timedelta(seconds=5)
"""How long after its time a hold may be open while nothing goes wrong."""
_LOOK_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a world. Seconds are virtual."""

    seed: int
    broken: Mapping[Promise, Sequence[str]]
    faults: Mapping[Fault, int]
    commands: int
    pages: int
    seconds: float
    steps: int
    trace_hash: str
    trace: Sequence[str]


class World:
    """Everything that one seed brings about."""

    def __init__(self, seed: int, doubles: Doubles = SOUND, *, keeps_trace: bool = False) -> None:
        self._seed = seed
        chance = Chance(seed)
        loop = SimulationLoop(chance)
        trace = Trace(loop.time, keeps=keeps_trace)
        self._loop = loop
        self.machine = Machine(loop, loop.outside, chance, Weather(chance), trace)
        partition_count = chance.count(2, 3)
        self.broker = Broker(self.machine, partition_count)
        self.database = doubles.database(self.machine)
        self.group = Group(self.machine, partition_count)
        self.topic = Topic(partition_count, self.machine)
        self.pages = PageTopic()
        self.findings = Findings(trace)
        self.history = History()
        self._stage = Stage(
            *(loop, self.machine, self.broker, self.database, self.group, self.topic),
            *(self.pages, doubles),
        )
        self._audience: Audience | None = None
        self._told = PagesChecker(self.database, self.broker, self.pages, self.findings)
        self._outcomes = OutcomesChecker(
            self.database.books, self._told.standing, self.topic, self.findings
        )

    def run(self) -> Report:
        """Live through it, and look at what is left."""
        self._observe()
        loop = self._loop
        with library_chance(self._seed), library_logs(self._surprised), small_limits():
            try:
                loop.run_until_complete(self._live())
            except Stuck as stuck:
                self.findings.broken(Promise.DRAINS, str(stuck))
            report = self._report()
            self.database.observers.clear()
            self.topic.observers.clear()
            loop.end_all()
        return report

    def _observe(self) -> None:
        books = BooksChecker(self.database, self.broker, self.findings)
        self.database.observers += [books, self._told.committed]
        self.database.when_put_back += [self._told.put_back, books.put_back]
        self.topic.observers += [self._told.outcomes_told, self._outcomes]
        self.pages.observers.append(self._told.row_told)

    async def _live(self) -> None:
        chance, loop = self.machine.chance, self._loop
        apis = [ApiHost(self._stage, f"api-{one}") for one in range(chance.count(1, 2))]
        processors = [ProcessorHost(self._stage, f"processor-{one}") for one in range(3)]
        audience = self._audience = Audience(self._stage, apis)
        await audience.begin()
        hosts: list[Host] = [*apis, *processors, *audience.hosts]
        line = Line(self.machine, apis)
        beside = [
            loop.create_task(self.group.run()),
            *(loop.create_task(one.trouble()) for one in hosts),
            *(
                loop.create_task(Reader(line, self.database, self.history, self.findings).run())
                for _ in range(2)
            ),
            *(loop.create_task(one) for one in audience.beside()),
        ]
        clients = [
            Client(f"client-{one}", line, self.history, chance.count(3, 9)) for one in range(3)
        ]
        keeper = Keeper(
            *(self.machine, self.database, [*apis, *audience.hosts], processors),
            dice_of(self._seed),
        )
        giving = [
            loop.create_task(one)
            for one in (*(one.run() for one in clients), *audience.managing(), keeper.run())
        ]
        await asyncio.wait(giving, timeout=FAULTS_SECONDS)
        self.machine.weather.heal()
        self.machine.note("the faults are over")
        await self._drain(giving)
        for task in beside:
            task.cancel()
        await self._look_at_the_end()

    async def _drain(self, giving: Sequence["asyncio.Task[None]"]) -> None:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await asyncio.gather(*giving)
                while self._undone():  # noqa: ASYNC110 (the books are polled)
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            self.findings.broken(Promise.DRAINS, self._undone() or "a client was never answered")

    def _undone(self) -> str | None:
        """What is still to be posted, told, freed or delivered."""
        log, positions = self.broker.log, self.database.books.positions
        for partition in range(log.partition_count):
            end_offset = log.extent(partition).end_offset
            position = positions.get(partition)
            if position is None or position.next_offset < end_offset:
                return f"partition {partition} is not posted up to {end_offset}: {position}"
            if position.published_offset < position.next_offset:
                return f"partition {partition} is not told up to its end: {position}"
        for hold in self.database.books.holds.values():
            if hold.status is HoldStatus.OPEN and hold.is_over(self.machine.now() - OVERDUE):
                return f"hold {hold.hold_id} is open, and was over at {hold.expires_at}"
        return None if self._audience is None else self._audience.unheard()

    async def _look_at_the_end(self) -> None:
        self._outcomes.at_the_end()
        if self._audience is not None:
            self._audience.look_at_the_end(self.findings)
        known = checks(self.broker.log.partition_count)
        HistoryChecker(
            self.history,
            self.broker,
            self.database.books,
            self._told.forgotten,
            known,
            self.findings,
        ).at_the_end()
        self.findings.expect(
            self.database.deadlocks == 0, Promise.ORDERED, f"{self.database.deadlocks} deadlocks"
        )
        await self._told.at_the_end(self.topic, known.partition_count, self.machine)

    def _surprised(self, event: str, details: str) -> None:
        self.machine.note(f"logs {event}")
        is_waiting = event == _NOT_THERE_YET and self.machine.weather.counts[Fault.PUT_BACK]
        if event not in _EXPECTED_EVENTS and not is_waiting:
            self.findings.broken(Promise.SURPRISES, f"{event}: {details}")

    def _report(self) -> Report:
        machine, loop = self.machine, self._loop
        machine.trace.note("end", f"{loop.steps} {machine.chance.fingerprint()}")
        return Report(
            seed=self._seed,
            broken=dict(self.findings.all),
            faults=dict(machine.weather.counts),
            commands=len(self.history.attempts),
            pages=len(self.database.books.pages),
            seconds=loop.time(),
            steps=loop.steps,
            trace_hash=machine.trace.hash(),
            trace=machine.trace.lines,
        )


_EXPECTED_EVENTS: Final = frozenset({"partition_halted"})
"""Errors in the log that say what a checker looks at by itself."""
_NOT_THERE_YET: Final = "webhook_transactions_not_in_the_ledger"
"""What endpoints wait for after the books were put back."""
