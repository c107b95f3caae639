"""A child process: tethered to this one, logged, stopped by steps."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.accounts import Account
from infra.local.logs import rotate, tail

TETHER = Path(__file__).with_name("tether.py")


@dataclass(frozen=True)
class Stopping:
    """How a process is asked to stop: signals, each with the seconds until the next."""

    steps: tuple[tuple[signal.Signals, float], ...]

    @property
    def gentle(self) -> signal.Signals:
        """The first and politest of the signals."""
        return self.steps[0][0]


ORDINARY = Stopping(((signal.SIGTERM, 20), (signal.SIGKILL, 10)))
# The server process of PostgreSQL is never killed: its children would go on without it.
# SIGINT is its fast shutdown, SIGQUIT its immediate one, to be repaired at the next start.
POSTGRES = Stopping(((signal.SIGINT, 30), (signal.SIGQUIT, 30)))


@dataclass(frozen=True)
class Command:
    """What to run, and how it is to be stopped."""

    name: str
    argv: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    folder: Path = Path("/")
    account: Account | None = None
    stopping: Stopping = ORDINARY
    clean_exits: frozenset[int] = field(default=frozenset({0}))


class Died(Exception):
    """A process ended that was expected to go on; `reason` is a sentence's end."""

    def __init__(self, command: Command, code: int) -> None:
        self.name = command.name
        self.log = command.log
        self.reason = how_it_ended(code)
        super().__init__(f"{command.name} {self.reason}; its log is {command.log}.")


def how_it_ended(code: int) -> str:
    """The exit status in words."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit status {code}"


class Process:
    """A child that runs, or ran. It is in a session of its own: Ctrl-C does not reach it."""

    def __init__(self, command: Command, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self.command = command

    @property
    def name(self) -> str:
        """What the user knows it as."""
        return self.command.name

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet, as far as is known."""
        return self._child.returncode is None

    async def ended(self) -> int:
        """Its exit status, when it has ended (negative: the signal that ended it)."""
        return await self._child.wait()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and what it started; a paused one is woken to take it.

        Except the children of PostgreSQL's server, which have sessions of their own.
        """
        if self.runs:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)
                os.killpg(self.pid, signal.SIGCONT)

    async def stop(self, hurry: asyncio.Event | None = None) -> bool:
        """Stop it step by step, each with its deadline; `hurry` cuts the waiting short.

        True if it is gone, false if even the last step did not end it in time.
        """
        for number, seconds in self.command.stopping.steps:
            if not self.runs:
                break
            self.send(number)
            last = number is self.command.stopping.steps[-1][0]
            await self._ended_within(seconds, None if last else hurry)
        return not self.runs

    async def _ended_within(self, seconds: float, hurry: asyncio.Event | None) -> None:
        waits = [asyncio.ensure_future(self.ended())]
        if hurry is not None:
            waits.append(asyncio.ensure_future(_is_set(hurry)))
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


async def _is_set(event: asyncio.Event) -> int:
    await event.wait()
    return 0


async def spawn(command: Command, record: Callable[[str, int], None] | None = None) -> Process:
    """Start a process whose output goes to the end of its log.

    `record(name, pid)` has returned before the program does anything. The process is sent the
    first of its stop signals when this one dies (Linux). Call it from the main thread: there
    it is the end of the calling *thread* that counts.
    """
    rotate(command.log)
    permission, granting = os.pipe()
    try:
        with command.log.open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                *_tethered(command),
                stdin=permission,
                stdout=log,
                stderr=log,
                cwd=command.folder,
                env=command.environment,
                start_new_session=True,
            )
        if record is not None:
            record(command.name, child.pid)
        with contextlib.suppress(BrokenPipeError):
            os.write(granting, b"g")
    finally:
        os.close(permission)
        os.close(granting)
    return Process(command, child)


def _tethered(command: Command) -> list[str]:
    account = command.account
    return [
        *(sys.executable, "-I", "-S", str(TETHER)),
        *(str(os.getpid()), str(int(command.stopping.gentle))),
        "-" if account is None else f"{account.uid}:{account.gid}",
        *command.argv,
    ]


async def complete(command: Command) -> None:
    """Run a command to its end; `Died` if it fails. Cancelled, it stops the command first."""
    process = await spawn(command)
    try:
        code = await process.ended()
    finally:
        await process.stop()
    if code not in command.clean_exits:
        raise Died(command, code)


def last_words(log: Path) -> str:
    """The end of a log, set off, for a message."""
    lines = tail(log)
    return "\n".join(f"    | {line}" for line in lines) if lines else "    | (its log is empty)"
