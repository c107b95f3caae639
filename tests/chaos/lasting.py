"""Faults that last for a while: absences, pauses, a full disk, spoilt connections."""

import asyncio
import signal
from dataclasses import dataclass
from typing import Final

import psutil

from infra.local.waiting import until
from tests.chaos.faults import STRIKE_SECONDS, NotStruck, Passing
from tests.chaos.stack import KAFKA_PROXY, PROCESSORS, ChaosStack

PROXIES: Final = (KAFKA_PROXY, *PROCESSORS)


@dataclass(frozen=True)
class Away:
    """A process that is killed, and not there for a while."""

    name: str
    seconds: float
    kills: int = 1

    def __str__(self) -> str:
        return f"{self.kind} {self.seconds}"

    @property
    def kind(self) -> str:
        """Of each process another one."""
        return f"away {self.name}"

    async def strike(self, stack: ChaosStack) -> None:
        """Kill it, and let others notice."""
        await stack.kill(self.name)
        await asyncio.sleep(self.seconds)

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
class PauseAtPoint:
    """A process that hangs from a named point on, the n-th time, and then goes on from there."""

    passing: Passing
    seconds: float
    kills: int = 0

    def __str__(self) -> str:
        return f"pause-at {self.passing} {self.seconds}"

    @property
    def kind(self) -> str:
        """Whichever of the processors it is."""
        return f"pause-at {self.passing.point}"

    async def strike(self, stack: ChaosStack) -> None:
        """Arm it, wait until it stands still, and let it."""
        self.passing.arm(stack, signal.SIGSTOP)
        process = psutil.Process(stack.apps[self.passing.name].process.pid)

        async def stands_still() -> bool:
            return process.status() == psutil.STATUS_STOPPED

        if not await until(stands_still, STRIKE_SECONDS):
            raise NotStruck(f"{self} did not happen")
        try:
            await asyncio.sleep(self.seconds)
        finally:
            stack.resume(self.passing.name)

    async def heal(self, stack: ChaosStack) -> None:
        """It is awake; whether it serves is another question."""
        await stack.revive(self.passing.name)


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
        if process.runs and not stack.disk.spares_server:
            await stack.kill("postgres")
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
