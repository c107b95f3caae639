"""Processes of an earlier run of the same DATA whose supervisor was killed."""

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local.files import read_json, write_json
from infra.local.identity import started
from infra.local.process import ORDINARY, POSTGRES
from infra.local.refused import Refused
from infra.local.waiting import until


@dataclass(frozen=True)
class Trace:
    """A process that was started: its id alone could by now be a stranger's."""

    name: str
    pid: int
    started: str

    @property
    def runs(self) -> bool:
        """Whether that very process is still there."""
        return started(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, paused or not."""
        if self.runs:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
                os.kill(self.pid, signal.SIGCONT)


class Traces:
    """The file of them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._traces: dict[str, Trace] = {}

    def record(self, name: str, pid: int) -> None:
        """Remember a process; it takes the place of an earlier one of the same name."""
        beginning = started(pid)
        if beginning is not None:
            self._traces[name] = Trace(name, pid, beginning)
            write_json(self._file, [asdict(trace) for trace in self._traces.values()])

    def forget(self) -> None:
        """All of them are gone."""
        self._file.unlink(missing_ok=True)

    async def clear(self, say: Callable[[str], None]) -> None:
        """Stop what an earlier run left and wait for its end; `Refused` if it will not end."""
        left = [trace for trace in self._read() if trace.runs]
        for trace in left:
            say(f"stopping what an earlier run left: {trace.name} (process {trace.pid})")
        for step in range(2):
            for trace in left:
                trace.send(_steps(trace)[step][0])
            seconds = max((_steps(trace)[step][1] for trace in left), default=0.0)
            if await until(lambda: _all_gone(left), seconds):
                break
        if not await _all_gone(left):
            names = ", ".join(f"{trace.name} ({trace.pid})" for trace in left if trace.runs)
            raise Refused(f"Processes of an earlier run do not stop: {names}.")
        self.forget()

    def _read(self) -> list[Trace]:
        traces = read_json(self._file)
        try:
            return [Trace(**trace) for trace in traces] if isinstance(traces, list) else []
        except TypeError as error:
            raise Refused(f"{self._file} cannot be understood; it was left as it is.") from error


def _steps(trace: Trace) -> tuple[tuple[signal.Signals, float], ...]:
    return (POSTGRES if trace.name == "postgres" else ORDINARY).steps


async def _all_gone(traces: list[Trace]) -> bool:
    return not any(trace.runs for trace in traces)
