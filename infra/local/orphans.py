"""What a killed PostgreSQL server leaves behind: its children, and a file with its id.

The children end by themselves as soon as they look up from their work, but until then they hold
the shared memory, and a new server refuses to start beside them.
"""

import contextlib
import os
import signal
from pathlib import Path

from infra.local.waiting import until

PATIENCE_SECONDS = 5.0
STEPS = (signal.SIGQUIT, signal.SIGKILL)


async def clear_orphans(cluster: Path) -> None:
    """Return when no process works in this cluster any more. Only when its server is gone.

    Killing the last of them harms nothing: there is no server whose memory they could spoil,
    and the next one starts with recovery. Where /proc does not tell (other systems than Linux,
    some containers) nothing is done, and the server's own check decides.
    """

    async def none_left() -> bool:
        return not _at_work_in(cluster)

    for step in STEPS:
        if await until(none_left, PATIENCE_SECONDS):
            break
        for pid in _at_work_in(cluster):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, step)
    await until(none_left, PATIENCE_SECONDS)
    _remove_stale_lock(cluster)


def _at_work_in(cluster: Path) -> list[int]:
    """The processes called postgres whose working folder is this cluster."""
    return [pid for pid in _postgres_processes() if _works_in(pid, cluster) is True]


def _postgres_processes() -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "comm").read_text().strip() == "postgres":
                found.append(int(entry.name))
    return found


def _works_in(pid: int, cluster: Path) -> bool | None:
    """None where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == cluster
    except FileNotFoundError:
        return False
    except OSError:
        return None


def _remove_stale_lock(cluster: Path) -> None:
    """Remove postmaster.pid when its process is certainly not this cluster's server.

    PostgreSQL does so itself when no such process exists, but not when, after a restart of the
    machine, an unrelated process has been given the same id.
    """
    lock = cluster / "postmaster.pid"
    if not lock.exists() or not Path("/proc/self").exists():
        return
    if all(_works_in(pid, cluster) is False for pid in _postgres_processes()):
        lock.unlink(missing_ok=True)
