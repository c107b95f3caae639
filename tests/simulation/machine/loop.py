"""An event loop for simulations: time is virtual, and chance picks which process runs next.

Callbacks belong to the process in whose context they were asked for. Within a process they run in
the order in which they were asked for, as asyncio promises; which process comes next is drawn.
A frozen process runs nothing, its timers included, as one that was sent SIGSTOP. When nobody can
run, the clock jumps to the next timer. There is no I/O.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import Any, Final, TypeVarTuple

from tests.simulation.machine.chance import Chance

MAX_STEPS: Final = 400_000
"""More than any world needs: beyond, two of its parts wait for each other without a pause."""

RUNNING: Final[ContextVar["Process"]] = ContextVar("simulated_process")
_Arguments = TypeVarTuple("_Arguments")
_Timer = tuple[float, int, asyncio.TimerHandle]


class Process:
    """Callbacks that are frozen, and end, together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.context = Context()
        self.context.run(RUNNING.set, self)
        self.is_frozen = False
        self.ready: deque[asyncio.Handle] = deque()

    def __repr__(self) -> str:
        return self.name


class Stuck(Exception):
    """Nothing can ever run again, or it runs without end."""


class SimulationLoop(asyncio.BaseEventLoop):
    """Runs the processes of one world."""

    def __init__(self, chance: Chance) -> None:
        super().__init__()
        self._chance = chance
        self._now = 0.0
        self._timers: list[_Timer] = []
        self._timer_count = 0
        # Those that have something to run, and are not frozen.
        self._runnable: list[Process] = []
        self.steps = 0
        self.tasks: list[asyncio.Task[Any]] = []
        self.outside = Process("outside")
        self.processes: list[Process] = [self.outside]
        self.set_task_factory(self._remembered_task)

    def time(self) -> float:
        """Virtual seconds since the beginning of the world."""
        return self._now

    def new_process(self, name: str) -> Process:
        """A process; what is created in its context belongs to it."""
        process = Process(name)
        self.processes.append(process)
        return process

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Arguments], object],
        *args: *_Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run the callback when the clock shows `when`, or its process is awake again."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._timer_count += 1
        heapq.heappush(self._timers, (when, self._timer_count, timer))
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when its time comes."""

    def _call_soon(
        self, callback: Callable[..., Any], args: Any, context: Context | None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._make_ready(handle)
        return handle

    def _make_ready(self, handle: asyncio.Handle) -> None:
        context: Context = handle._context  # type: ignore[attr-defined]
        process = context.get(RUNNING, self.outside)
        if not process.ready and not process.is_frozen:
            self._runnable.append(process)
        process.ready.append(handle)

    def freeze(self, process: Process) -> None:
        """Let it run nothing from now on, until it is thawed."""
        process.is_frozen = True
        if process in self._runnable:
            self._runnable.remove(process)

    def thaw(self, process: Process) -> None:
        """Let it run again; all that it missed comes at once."""
        process.is_frozen = False
        if process.ready:
            self._runnable.append(process)

    def _run_once(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Stuck(f"{MAX_STEPS} steps, and no end at {self._now:.3f} s")
        self._wake()
        runnable = self._runnable
        while not runnable:
            self._jump()
        process = runnable[0] if len(runnable) == 1 else self._chance.one_of(runnable)
        handle = process.ready.popleft()
        if not process.ready:
            runnable.remove(process)
        if not handle.cancelled():
            handle._run()

    def _wake(self) -> None:
        """Whose time has come is ready, in its process."""
        timers = self._timers
        while timers and timers[0][0] <= self._now:
            timer = heapq.heappop(timers)[2]
            if not timer.cancelled():
                self._make_ready(timer)

    def _jump(self) -> None:
        """To the next timer, whoever's it is."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        if not self._timers:
            raise Stuck(f"nothing will ever run after {self._now:.3f} s")
        self._now = max(self._now, self._timers[0][0])
        self._wake()

    def _remembered_task(
        self, loop: asyncio.AbstractEventLoop, coroutine: Any, **how: Any
    ) -> "asyncio.Task[Any]":
        context: Context | None = how.get("context")
        if context is not None and RUNNING not in context:
            # A task with a context of its own still ends with the process that began it.
            context.run(RUNNING.set, RUNNING.get(self.outside))
        task = asyncio.Task(coroutine, loop=loop, **how)
        self.tasks.append(task)
        return task

    def end_all(self) -> None:
        """Cancel whatever is not done yet, in all processes, and run it to its end."""
        self.steps = 0
        for process in self.processes:
            if process.is_frozen:
                self.thaw(process)
        for _ in range(20):
            unfinished = [one for one in self.tasks if not one.done()]
            if not unfinished:
                break
            for one in unfinished:
                one.cancel()
            self.run_until_complete(asyncio.wait(unfinished, timeout=1.0))
        for one in self.tasks:
            if one.done() and not one.cancelled():
                one.exception()  # looked at, lest asyncio complain that nobody did
        self.tasks.clear()
        self.run_until_complete(self.shutdown_asyncgens())
        self.close()
