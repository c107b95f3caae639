"""Who may ask for an end: Ctrl-C, SIGTERM, a closed terminal, or the end of whoever started us."""

import asyncio
import os
import signal
import time
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# One Ctrl-C can arrive twice, from the terminal and through make; a person is slower.
SAME_REQUEST_SECONDS = 1.0
PARENT_PAUSE_SECONDS = 0.5
MAKES = ("make", "gmake")


class StopRequest:
    """Is `asked` at the first request; from the second on it is in a `hurry`."""

    def __init__(self, hurry: asyncio.Event) -> None:
        self.asked = asyncio.Event()
        self._hurry = hurry
        self._first = 0.0

    def listen(self) -> None:
        """Take the signals from now on."""
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self.ask)

    def ask(self) -> None:
        """One request."""
        if not self.asked.is_set():
            self._first = time.monotonic()
            self.asked.set()
        elif time.monotonic() - self._first > SAME_REQUEST_SECONDS:
            self._hurry.set()

    async def follow_parent(self) -> None:
        """Ask for the end when the process that started this one has died or was interrupted.

        make that is killed tells nobody; and a SIGINT that is sent to make alone makes it wait
        for this process for ever, without passing the signal on.
        """
        parent = os.getppid()
        while not self.asked.is_set():
            if os.getppid() != parent or _is_interrupted_make(parent):
                self.ask()
            await asyncio.sleep(PARENT_PAUSE_SECONDS)


def _is_interrupted_make(pid: int) -> bool:
    """Whether that is a make which is about to die of SIGINT: it takes its handler away (Linux).

    One that was started in the background by a script ignores SIGINT and never had a handler.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    listens = any(_has(fields[kind], signal.SIGINT) for kind in ("SigCgt", "SigIgn"))
    return fields["Name"].strip() in MAKES and not listens


def _has(mask: str, number: signal.Signals) -> bool:
    return bool(int(mask, 16) >> (number - 1) & 1)
