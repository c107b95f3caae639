"""What is done to the stack. Each fault is written in words, and can be had again from them."""

import asyncio
import signal
from dataclasses import dataclass
from typing import Final, Protocol

from infra.local.files import write_atomically
from tests.chaos.points import Point
from tests.chaos.stack import ChaosStack

TOGETHER: Final = " & "
STRIKE_SECONDS: Final = 90.0
"""How long a fault may take to come about: a point has to be passed so many times."""


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


@dataclass(frozen=True)
class Passing:
    """The n-th time that a process passes a point."""

    point: Point
    name: str
    times: int

    def __str__(self) -> str:
        return f"{self.point} {self.name} {self.times}"

    def arm(self, stack: ChaosStack, number: signal.Signals) -> None:
        """Have the process send itself that signal then."""
        # Whole or not at all: the process looks for it all the time.
        content = f"{self.point} {self.times} {number.name}"
        write_atomically(stack.armed(self.name), content)
