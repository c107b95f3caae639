"""Keeps the processes running: one that dies is reported and started again, up to a limit."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import NoReturn, Protocol

from infra.local.process import Died, Process, how_it_ended, last_words
from infra.local.waiting import NotReady

RESTARTS = 3
WITHIN_SECONDS = 60.0


class Server(Protocol):
    """Something that runs as one process."""

    @property
    def name(self) -> str:
        """What the user knows it as."""

    async def start(self, record: Callable[[str, int], None] | None = None) -> Process:
        """Start it, for the first time or after its death. `record` before it does anything."""

    async def ready(self) -> None:
        """Return when it serves; `Died` if it ended instead, `NotReady` if it takes too long."""


class GaveUp(Exception):
    """A server died again and again."""


class Supervisor:
    """Starts servers, watches them, and stops them in the order that it is told.

    `record(name, pid)` is told of every process before it does anything.
    """

    def __init__(self, record: Callable[[str, int], None], say: Callable[[str], None]) -> None:
        self._record = record
        self._say = say
        self._processes: dict[str, Process] = {}
        self._watches: dict[str, asyncio.Task[None]] = {}
        self._failures: asyncio.Queue[BaseException] = asyncio.Queue()
        self.hurry = asyncio.Event()

    async def begin(self, server: Server) -> None:
        """Start a server; it is not watched yet: its death is `ready`'s to report."""
        self._processes[server.name] = await server.start(self._record)

    async def watch(self, server: Server) -> None:
        """Wait until the begun server serves, and from then on start it again when it dies."""
        await server.ready()
        watch = asyncio.create_task(self._keep_running(server))
        watch.add_done_callback(self._note_failure)
        self._watches[server.name] = watch

    async def failed(self) -> NoReturn:
        """Wait for the end of a watch, and raise it: `GaveUp`, or an error nobody foresaw."""
        raise await self._failures.get()

    async def stop(self, *order: str) -> bool:
        """Stop the servers in this order, each before the next; whether all of them are gone."""
        await self._stop_watching()
        gone = True
        for name in order:
            process = self._processes.get(name)
            if process is None:
                continue
            if process.runs:
                self._say(f"stopping {name}")
            if not await process.stop(self.hurry):
                self._say(f"{name} (process {process.pid}) does not stop")
                gone = False
        return gone

    def _note_failure(self, watch: asyncio.Task[None]) -> None:
        if not watch.cancelled() and (error := watch.exception()) is not None:
            self._failures.put_nowait(error)

    async def _stop_watching(self) -> None:
        for watch in self._watches.values():
            watch.cancel()
        await asyncio.gather(*self._watches.values(), return_exceptions=True)

    async def _keep_running(self, server: Server) -> None:
        deaths: deque[float] = deque(maxlen=RESTARTS + 1)
        while True:
            process = self._processes[server.name]
            code = await process.ended()
            self._report(process, code)
            deaths.append(time.monotonic())
            if len(deaths) > RESTARTS and deaths[-1] - deaths[0] <= WITHIN_SECONDS:
                raise GaveUp(
                    f"{server.name} died {len(deaths)} times within {WITHIN_SECONDS:.0f} s; "
                    "everything is stopped."
                )
            await self._again(server)

    async def _again(self, server: Server) -> None:
        self._processes[server.name] = await server.start(self._record)
        try:
            await server.ready()
        except (Died, NotReady) as trouble:
            # A death is seen and counted by the loop above; what is slow may yet come.
            if self._processes[server.name].runs:
                self._say(str(trouble))
        else:
            self._say_it_runs(server.name)

    def _say_it_runs(self, name: str) -> None:
        self._say(f"{name} runs again (process {self._processes[name].pid})")

    def _report(self, process: Process, code: int) -> None:
        self._say(
            f"{process.name} (process {process.pid}) {how_it_ended(code)}; "
            f"the end of {process.command.log}:\n{last_words(process.command.log)}"
        )
