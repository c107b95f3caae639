"""The machines on which the product's processes run, die, and run again."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Final, cast

from adapters.background import beside
from adapters.position_watch import LedgerPositionWatch
from core.ports.ledger_reader import LedgerReader
from core.ports.webhooks.endpoints import WebhookEndpoints
from tests.simulation.bugs.bug import Doubles
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.loop import Process, SimulationLoop
from tests.simulation.machine.network import Machine, SkewedClock
from tests.simulation.parts import (
    STREAM_LIMITS,
    Api,
    CountedIds,
    Ports,
    Processor,
    Webhooks,
    api,
    processor,
    webhooks,
)
from tests.simulation.stage.database import Database
from tests.simulation.stage.events import Topic
from tests.simulation.stage.feed import SimulatedFeed
from tests.simulation.stage.group import SESSION_SECONDS, Group
from tests.simulation.stage.log import Broker
from tests.simulation.stage.pages import PageTopic
from tests.simulation.stage.receivers import Receiver
from tests.simulation.stage.remote import RemotePartitions
from tests.simulation.stage.webhook_tables import RemoteWebhookEndpoints

MOST_SKEWED_SECONDS: Final = 2.0
STOP_SECONDS: Final = 6.0
"""How long a process may take to stop before it is killed."""
_LOOK_SECONDS: Final = 1.0

Main = Callable[[], Coroutine[object, object, None]]


@dataclass(frozen=True, slots=True)
class Stage:
    """What all processes share, and how their doubles are made."""

    loop: SimulationLoop
    machine: Machine
    broker: Broker
    database: Database
    group: Group
    topic: Topic
    pages: PageTopic
    doubles: Doubles
    receivers: list[Receiver] = field(default_factory=list)
    ids: CountedIds = field(default_factory=CountedIds)

    def ports(self) -> Ports:
        """The doubles of one new process."""
        machine, doubles = self.machine, self.doubles
        skew = machine.chance.between(-MOST_SKEWED_SECONDS, MOST_SKEWED_SECONDS)
        clock = SkewedClock(machine, skew)
        events = doubles.events(machine, self.topic)
        event_feed = doubles.event_feed(machine, self.topic)
        return Ports(
            ledger=doubles.ledger(self.database, clock, events),
            reader=cast("LedgerReader", doubles.reader(self.database)),
            partitions=RemotePartitions(self.database, clock),
            log=doubles.command_log(self.broker),
            feed=doubles.feed(self.broker, self.group),
            events=events,
            pages=doubles.pages(machine, self.pages),
            event_feed=event_feed,
            live_events=doubles.live_events(event_feed, STREAM_LIMITS),
            webhook_endpoints=cast("WebhookEndpoints", RemoteWebhookEndpoints(self.database)),
            webhook_intake=doubles.webhook_intake(self.database),
            webhook_queue=doubles.webhook_queue(self.database),
            webhook_sender=doubles.webhook_sender(machine, self.receivers),
            clock=clock,
            post=doubles.rules(clock),
        )


class Host(ABC):
    """Runs one process at a time; a new one whenever the last one was killed."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage = stage
        self.name = name
        self._starts = 0
        self.is_untroubled = False
        """Meanwhile nothing befalls its process by chance."""
        self._is_down = False
        self._main: asyncio.Task[None] | None = None
        self.process = self._started()

    def _started(self) -> Process:
        self._starts += 1
        process = self.stage.loop.new_process(f"{self.name}.{self._starts}")
        main = self.main(self.stage.ports())
        self.stage.machine.begin(process, lambda: self._live(main))
        return process

    async def _live(self, main: Main) -> None:
        self._main = asyncio.create_task(main())
        await asyncio.wait({self._main})

    @abstractmethod
    def main(self, ports: Ports) -> Main:
        """What a new process does, until it is cancelled or killed. Starts nothing yet."""

    async def trouble(self) -> None:
        """Second by second, what may befall a process; to be run outside of it."""
        machine, strikes = self.stage.machine, self.stage.machine.weather.strikes
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self.is_untroubled:
                continue
            if strikes(Fault.CRASH):
                await self.crash()
            elif strikes(Fault.DEPLOYMENT):
                await self._deploy()
            elif strikes(Fault.ZOMBIE):
                await self._pause(machine.chance.between(1.5, 3) * SESSION_SECONDS)
            elif strikes(Fault.PAUSE):
                await self._pause(machine.chance.between(0.01, 1.0) * SESSION_SECONDS)

    async def _pause(self, seconds: float) -> None:
        process = self.process
        self.stage.machine.note(f"{process} pauses for {seconds:.3f} s")
        self.stage.loop.freeze(process)
        await asyncio.sleep(seconds)
        if self._is_up(process):
            self.stage.loop.thaw(process)

    def _is_up(self, process: Process) -> bool:
        """Whether nobody has killed it meanwhile."""
        return process is self.process and not self._is_down

    async def _deploy(self) -> None:
        process = self.process
        self.stage.machine.note(f"{process} is to stop")
        stopping = self.stage.machine.begin(process, self._stop)
        await asyncio.wait({stopping}, timeout=STOP_SECONDS)
        if self._is_up(process):
            self.stage.loop.freeze(process)
            self.stage.database.end_sessions_of(process)
            self.process = self._started()

    async def _stop(self) -> None:
        while self._main is not None and not self._main.done():
            self._main.cancel()
            await asyncio.wait({self._main})

    async def crash(self) -> None:
        """Kill the process, and start another one after a while."""
        machine, dead = self.stage.machine, self.process
        if self._is_down:
            return
        self._is_down = True
        machine.note(f"{dead} is killed")
        # It never runs again: no handler, no clean-up.
        self.stage.loop.freeze(dead)
        if not machine.weather.strikes(Fault.HOST_LOST):
            notice_seconds = machine.chance.between(0, 2.0)
            machine.later(notice_seconds, lambda: self.stage.database.end_sessions_of(dead))
        await asyncio.sleep(machine.chance.between(0.1, 3.0))
        self.process = self._started()
        self._is_down = False


class ApiHost(Host):
    """A machine for API processes."""

    api: Api

    def main(self, ports: Ports) -> Main:
        """Answer whoever asks."""
        stage = self.stage
        partition_count = stage.broker.log.partition_count
        parts = api(ports, stage.ids, partition_count, stage.doubles.watch)
        self.api = stage.doubles.api(parts)
        return partial(_serve, parts.watching)


class ProcessorHost(Host):
    """A machine for processors."""

    def main(self, ports: Ports) -> Main:
        """Post, and have holds expire."""
        partition_count = self.stage.broker.log.partition_count
        parts = processor(ports, partition_count, self.stage.doubles.work)
        return partial(_post, parts, ports.feed)


class WebhooksHost(Host):
    """A machine for the processes that tell endpoints."""

    def main(self, ports: Ports) -> Main:
        """Take events in, and deliver them."""
        return partial(_tell, webhooks(ports, self.stage.machine.chance))


async def _serve(watching: LedgerPositionWatch) -> None:
    async with watching:
        await asyncio.Event().wait()


async def _post(parts: Processor, feed: SimulatedFeed) -> None:
    expiring = asyncio.create_task(parts.expiry.run(), name="hold-expiry")
    try:
        async with feed.membership(parts.pool):
            await asyncio.Event().wait()
    finally:
        expiring.cancel()


async def _tell(parts: Webhooks) -> None:
    async with (
        beside(parts.dispatch.run(), "webhook-dispatch", parts.dispatch.drain_seconds),
        beside(parts.intake.run(), "webhook-intake"),
    ):
        await asyncio.Event().wait()
