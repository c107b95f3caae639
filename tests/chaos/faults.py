"""What is done to the stack. Each fault is written in words, and can be had again from them."""

import asyncio
import os
import secrets
import signal
from dataclasses import dataclass
from typing import Final, Protocol

import asyncpg
import psutil

from infra.local.files import write_atomically
from infra.local.postgres import PROCESSOR
from infra.local.postgres_cluster import SUPERUSER
from infra.local.waiting import until
from tests.chaos.points import Point
from tests.chaos.stack import APPS, KAFKA_PROXY, PROCESSORS, SERVERS, ChaosStack
from tests.chaos.toxiproxy import TOXICS

PROXIES: Final = (KAFKA_PROXY, *PROCESSORS)
TOGETHER: Final = " & "
STRIKE_SECONDS: Final = 90.0
"""How long a fault may take to come about: a point has to be passed so many times."""
_SESSIONS: Final = """
    SELECT pid FROM pg_stat_activity
    WHERE usename = $1 AND pid <> pg_backend_pid() ORDER BY state = 'active' DESC LIMIT 5"""


class NotStruck(Exception):
    """The fault did not come about: what was to be tried was not."""


class Fault(Protocol):
    """One fault. `kind` is what it is counted under."""

    @property
    def kind(self) -> str:
        """Its kind, with what it is done to."""

    @property
    def kills(self) -> int:
        """How many processes it kills."""

    async def strike(self, stack: ChaosStack) -> None:
        """Do it; returns when it is done. Raises `NotStruck`."""

    async def heal(self, stack: ChaosStack) -> None:
        """Take it away; returns when all of the stack runs."""


@dataclass(frozen=True)
class Kill:
    """`kill -9`, and a new start."""

    name: str
    kills: int = 1

    def __str__(self) -> str:
        return self.kind

    @property
    def kind(self) -> str:
        """Of each process another one."""
        return f"kill {self.name}"

    async def strike(self, stack: ChaosStack) -> None:
        """Kill it."""
        await stack.kill(self.name)

    async def heal(self, stack: ChaosStack) -> None:
        """Start it again."""
        await stack.revive(self.name)


@dataclass(frozen=True)
class KillAll:
    """Everything at once."""

    kind: str = "kill-all"
    kills: int = len(APPS) + len(SERVERS)

    def __str__(self) -> str:
        return self.kind

    async def strike(self, stack: ChaosStack) -> None:
        """Kill all of it."""
        await asyncio.gather(*(stack.kill(name) for name in stack.servers))

    async def heal(self, stack: ChaosStack) -> None:
        """Start all of it, in the order in which it is needed."""
        await stack.revive(*SERVERS)
        await stack.revive(*APPS)


@dataclass(frozen=True)
class KillSession:
    """One of PostgreSQL's own processes, that of a processor; its server then ends all others."""

    kind: str = "kill-session"
    kills: int = 1

    def __str__(self) -> str:
        return self.kind

    async def strike(self, stack: ChaosStack) -> None:
        """Kill one that is at work, if there is one."""
        connection = await asyncpg.connect(stack.postgres.dsn(SUPERUSER, "postgres"))
        try:
            pids = [row["pid"] for row in await connection.fetch(_SESSIONS, PROCESSOR)]
            if not pids:
                raise NotStruck("no processor has a session")
            os.kill(secrets.choice(pids), signal.SIGKILL)
        finally:
            connection.terminate()

    async def heal(self, stack: ChaosStack) -> None:
        """It starts anew by itself."""
        await stack.postgres.ready()


@dataclass(frozen=True)
class KillAtPoint:
    """A process kills itself when it passes a named point for the n-th time."""

    point: Point
    name: str
    times: int
    kills: int = 1

    def __str__(self) -> str:
        return f"kill-at {self.point} {self.name} {self.times}"

    @property
    def kind(self) -> str:
        """Whichever of the processors it is."""
        return f"kill-at {self.point}"

    async def strike(self, stack: ChaosStack) -> None:
        """Arm it, and wait for its end."""
        _arm(stack, self, signal.SIGKILL)
        if self.point is Point.AFTER_TAKE_OVER:
            # Partitions are taken over when a process joins or leaves.
            await stack.apps[_other(self.name)].process.stop()
        process = stack.apps[self.name].process

        async def is_over() -> bool:
            return not process.runs

        if not await until(is_over, STRIKE_SECONDS):
            raise NotStruck(f"{self.name} did not pass {self.point} {self.times} times")
        if await process.ended() != -signal.SIGKILL:
            raise NotStruck(f"{self.name} ended before it passed {self.point}")

    async def heal(self, stack: ChaosStack) -> None:
        """Start it again."""
        await stack.revive(*APPS)


@dataclass(frozen=True)
class PauseAtPoint:
    """A process that hangs from a named point on, the n-th time, and then goes on from there."""

    point: Point
    name: str
    times: int
    seconds: float
    kills: int = 0

    def __str__(self) -> str:
        return f"pause-at {self.point} {self.name} {self.times} {self.seconds}"

    @property
    def kind(self) -> str:
        """Whichever of the processors it is."""
        return f"pause-at {self.point}"

    async def strike(self, stack: ChaosStack) -> None:
        """Arm it, wait until it stands still, and let it."""
        _arm(stack, self, signal.SIGSTOP)
        process = psutil.Process(stack.apps[self.name].process.pid)

        async def stands_still() -> bool:
            return process.status() == psutil.STATUS_STOPPED

        if not await until(stands_still, STRIKE_SECONDS):
            raise NotStruck(f"{self.name} did not pass {self.point} {self.times} times")
        try:
            await asyncio.sleep(self.seconds)
        finally:
            stack.resume(self.name)

    async def heal(self, stack: ChaosStack) -> None:
        """It is awake; whether it serves is another question."""
        await stack.revive(self.name)


@dataclass(frozen=True)
class Restart:
    """A stop in order, and a new start."""

    name: str
    kills: int = 0

    def __str__(self) -> str:
        return self.kind

    @property
    def kind(self) -> str:
        """Of each process another one."""
        return f"restart {self.name}"

    async def strike(self, stack: ChaosStack) -> None:
        """Stop it."""
        await stack.servers[self.name].process.stop()

    async def heal(self, stack: ChaosStack) -> None:
        """Start it again."""
        await stack.revive(self.name)


@dataclass(frozen=True)
class Pause:
    """A process that hangs for a while, and then goes on as if nothing had been."""

    name: str
    seconds: float
    kills: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.seconds}"

    @property
    def kind(self) -> str:
        """Of each process another one."""
        return f"pause {self.name}"

    async def strike(self, stack: ChaosStack) -> None:
        """Stop it as SIGSTOP does."""
        stack.pause(self.name)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            stack.resume(self.name)

    async def heal(self, stack: ChaosStack) -> None:
        """It is awake; whether it serves is another question."""
        await stack.revive(self.name)


@dataclass(frozen=True)
class FullDisk:
    """PostgreSQL can write nothing more for a while."""

    seconds: float
    kind: str = "full-disk"
    kills: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.seconds}"

    async def strike(self, stack: ChaosStack) -> None:
        """Fill it, and let that be noticed."""
        await stack.disk.fill(stack.postgres.process.pid)
        await asyncio.sleep(self.seconds)

    async def heal(self, stack: ChaosStack) -> None:
        """Make room; a server that gave up is started again, as its supervisor would."""
        process = stack.postgres.process
        await stack.disk.empty(process.pid if process.runs else None)
        await stack.revive("postgres")


@dataclass(frozen=True)
class Toxic:
    """A connection that is spoilt for a while: that of a processor to PostgreSQL, or the API's."""

    toxic: str
    proxy: str
    seconds: float
    kills: int = 0

    def __str__(self) -> str:
        return f"toxic {self.toxic} {self.proxy} {self.seconds}"

    @property
    def kind(self) -> str:
        """Whichever of the processors it is."""
        side, _, _ = self.proxy.partition("-")
        return f"toxic {self.toxic} {side}"

    async def strike(self, stack: ChaosStack) -> None:
        """Spoil it."""
        await stack.toxiproxy.spoil(self.proxy, self.toxic)
        await asyncio.sleep(self.seconds)

    async def heal(self, stack: ChaosStack) -> None:
        """Let everything through again."""
        await stack.toxiproxy.mend()


@dataclass(frozen=True)
class Together:
    """Several faults at the same time, each of them on a process of its own."""

    parts: tuple[Fault, ...]

    def __str__(self) -> str:
        return TOGETHER.join(map(str, self.parts))

    @property
    def kind(self) -> str:
        """Of all parts; they are counted by themselves."""
        return TOGETHER.join(part.kind for part in self.parts)

    @property
    def kills(self) -> int:
        """Of all parts."""
        return sum(part.kills for part in self.parts)

    async def strike(self, stack: ChaosStack) -> None:
        """Do all of them, and return when the last one is done."""
        await asyncio.gather(*(part.strike(stack) for part in self.parts))

    async def heal(self, stack: ChaosStack) -> None:
        """Take all of them away."""
        for part in self.parts:
            await part.heal(stack)


def parse(text: str) -> Fault:
    """The fault that is written so. Raises `ValueError`."""
    parts = [_parsed(part) for part in text.split(TOGETHER)]
    return parts[0] if len(parts) == 1 else Together(tuple(parts))


def _parsed(text: str) -> Fault:
    match text.split():
        case ["kill", name] if name in (*APPS, *SERVERS):
            return Kill(name)
        case ["kill-all"]:
            return KillAll()
        case ["kill-session"]:
            return KillSession()
        case ["kill-at", point, name, times] if name in APPS:
            return KillAtPoint(Point(point), name, int(times))
        case ["pause-at", point, name, times, seconds] if name in APPS:
            return PauseAtPoint(Point(point), name, int(times), float(seconds))
        case ["restart", name] if name in (*APPS, *SERVERS):
            return Restart(name)
        case ["pause", name, seconds] if name in (*APPS, *SERVERS):
            return Pause(name, float(seconds))
        case ["full-disk", seconds]:
            return FullDisk(float(seconds))
        case ["toxic", toxic, proxy, seconds] if toxic in TOXICS and proxy in PROXIES:
            return Toxic(toxic, proxy, float(seconds))
    raise ValueError(f"{text!r} is no fault")


def _arm(stack: ChaosStack, fault: KillAtPoint | PauseAtPoint, number: signal.Signals) -> None:
    # Whole or not at all: the process looks for it all the time.
    write_atomically(stack.armed(fault.name), f"{fault.point} {fault.times} {number.name}")


def _other(name: str) -> str:
    return next(one for one in PROCESSORS if one != name)
