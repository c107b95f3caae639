"""Faults that end processes: as `kill -9` does, anywhere or at a named point, or in order."""

import asyncio
import os
import secrets
import signal
from dataclasses import dataclass
from typing import Final

import asyncpg

from infra.local.postgres import PROCESSOR
from infra.local.postgres_cluster import SUPERUSER
from infra.local.waiting import until
from tests.chaos.faults import STRIKE_SECONDS, NotStruck, Passing
from tests.chaos.points import Point
from tests.chaos.stack import APPS, SERVERS, ChaosStack

_SESSIONS: Final = """
    SELECT pid FROM pg_stat_activity
    WHERE usename = $1 AND pid <> pg_backend_pid() ORDER BY state = 'active' DESC LIMIT 5"""


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
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        try:
            pids = [row["pid"] for row in await connection.fetch(_SESSIONS, PROCESSOR)]
            if not pids:
                raise NotStruck("no processor has a session")
            os.kill(secrets.choice(pids), signal.SIGKILL)
            # Until the server has noticed, it answers as ever, and then cuts everyone off.
            async with asyncio.timeout(STRIKE_SECONDS):
                await ended.wait()
        finally:
            connection.terminate()

    async def heal(self, stack: ChaosStack) -> None:
        """It starts anew by itself."""
        await stack.postgres.ready()


@dataclass(frozen=True)
class KillAtPoint:
    """A process kills itself when it passes a named point for the n-th time."""

    passing: Passing
    kills: int = 1

    def __str__(self) -> str:
        return f"kill-at {self.passing}"

    @property
    def kind(self) -> str:
        """Whichever of the processors it is."""
        return f"kill-at {self.passing.point}"

    async def strike(self, stack: ChaosStack) -> None:
        """Arm it, and wait for its end."""
        point, name = self.passing.point, self.passing.name
        if point is Point.AFTER_TAKE_OVER:
            # Whoever comes anew takes partitions over, in any case.
            await stack.apps[name].process.stop()
            await stack.begin(name)
        self.passing.arm(stack, signal.SIGKILL)
        process = stack.apps[name].process

        async def is_over() -> bool:
            return not process.runs

        if not await until(is_over, STRIKE_SECONDS):
            raise NotStruck(f"{self} did not happen")
        if await process.ended() != -signal.SIGKILL:
            raise NotStruck(f"{name} ended before it passed {point}")

    async def heal(self, stack: ChaosStack) -> None:
        """Start it again."""
        await stack.revive(self.passing.name)


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
