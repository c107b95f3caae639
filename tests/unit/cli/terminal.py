"""The `counterfoil` command on a terminal of its own."""

import os
import pty
import signal
import subprocess
import sys

from tests.unit.cli.process import AS_FROM_A_TERMINAL


def on_a_terminal(*words: str) -> tuple[int, str]:
    """The exit code of a command, and what is to be seen on its terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "entrypoints.cli", *words]
    # A terminal that knows no colours: whatever controls it was not the command's own idea.
    plain = os.environ | {"TERM": "dumb"}
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=plain
    ) as process:
        os.close(theirs)
        seen = b""
        while chunk := _read(ours):
            seen += chunk
    os.close(ours)
    return process.returncode, seen.decode()


def interrupted_on_a_terminal(wanted: str, number: signal.Signals, *words: str) -> tuple[int, str]:
    """The same of a command that is sent a signal once `wanted` was to be seen."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", AS_FROM_A_TERMINAL, *words]
    capable = os.environ | {"TERM": "xterm"}
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=capable
    ) as process:
        os.close(theirs)
        seen = b""
        while chunk := _read(ours):
            seen += chunk
            if wanted.encode() in seen:
                process.send_signal(number)
                wanted = "\0"
    os.close(ours)
    return process.returncode, seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4_096)
    except OSError:
        # Linux says so when nobody has the other side open any more.
        return b""
