"""Which process is meant: a process id alone may by now belong to a stranger."""

import subprocess
import sys
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def started(pid: int) -> str | None:
    """When the process began, as an opaque text; None where no such process runs.

    The same id and the same beginning is the same process. A dead process that nobody
    has collected yet does not run.
    """
    if sys.platform == "linux":
        return _started_on_linux(pid)
    return _started_by_ps(pid)


def _started_on_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is a name in parentheses that may hold anything, parentheses too.
    state, *others = stat.rpartition(")")[2].split()
    ticks_since_boot = others[18]
    return None if state in "ZX" else f"{BOOT_ID.read_text().strip()}:{ticks_since_boot}"


def _started_by_ps(pid: int) -> str | None:
    asked = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, beginning = asked.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else beginning.strip()
